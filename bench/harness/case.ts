import type { Open } from './session.ts';

/** One row of a case's table: ours, the floor or a peer. */
export interface Entrant {
  /** The name in targets and in the ratio column. */
  readonly id: string;
  /** The name in the table, with its version. */
  readonly name: string;
  /** How to run it. If it cannot run here: why, for its row. */
  readonly open: Open | { readonly missing: string };
}

/**
 * A limit for our cost: `times` times the cost of `of`, plus `plus` in the unit of the case. Without `of`, the limit is
 * `plus` alone.
 */
export interface Target {
  readonly text: string;
  /** The row that is judged. Default: `ours`. */
  readonly who?: string;
  readonly of?: string;
  readonly times?: number;
  readonly plus?: number;
}

/** The unit of costs: nanoseconds, system calls, or bytes. */
export type Unit = 'time' | 'calls' | 'bytes';

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  /** The operation that is measured, such as `lookup`. */
  readonly operation: string;
  readonly unit: Unit;
  /** Operations in one round. */
  readonly count: number;
  readonly rounds: number;
  /** Rounds before the first that counts. They warm up compilers and fill caches. */
  readonly warmup: number;
  /** The row whose cost is 1 in the ratio column. */
  readonly base: string;
  readonly entrants: () => Promise<readonly Entrant[]>;
  readonly targets: readonly Target[];
}

export interface Row {
  readonly id: string;
  readonly name: string;
  /** The cost of one operation in each round; empty if the row could not be measured. */
  readonly values: readonly number[];
  readonly missing?: string | undefined;
}

export interface Verdict {
  readonly text: string;
  /** What was measured, in the target's terms; undefined if a row that it needs is missing. */
  readonly measured: string | undefined;
  readonly met: boolean;
}

export interface CaseResult {
  readonly bench: BenchCase;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}
