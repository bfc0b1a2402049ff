import type { Open } from './session.ts';

/** One row of a case's table: ours, the floor or a peer. */
export interface Entrant {
  /** What targets and the ratio column call it. */
  readonly id: string;
  /** What the table calls it, with its version. */
  readonly name: string;
  /** How to run it, or why it cannot be run here: then its row says so. */
  readonly open: Open | { readonly missing: string };
}

/**
 * What ours must reach: at most `times` × the cost of `of` plus `plus` nanoseconds; without `of`, at most
 * `plus` nanoseconds.
 */
export interface Target {
  readonly text: string;
  /** The row that is judged. Default: `ours`. */
  readonly who?: string;
  readonly of?: string;
  readonly times?: number;
  readonly plus?: number;
}

/** What costs are: nanoseconds, system calls, or bytes. */
export type Unit = 'time' | 'calls' | 'bytes';

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  /** What is counted or timed, such as `lookup`. */
  readonly operation: string;
  readonly unit: Unit;
  /** Operations in one round. */
  readonly count: number;
  readonly rounds: number;
  /** Rounds before those that count: compilers warm up, caches fill. Not for what is done once. */
  readonly warmup: number;
  /** The row whose cost is 1 in the ratio column. */
  readonly base: string;
  readonly entrants: () => Promise<readonly Entrant[]>;
  readonly targets: readonly Target[];
}

export interface Row {
  readonly id: string;
  readonly name: string;
  /** Cost of one operation in each round; empty when the row could not be measured. */
  readonly values: readonly number[];
  readonly missing?: string | undefined;
}

export interface Verdict {
  readonly text: string;
  /** What was measured, in the target's terms; undefined when a row it needs is missing. */
  readonly measured: string | undefined;
  readonly met: boolean;
}

export interface CaseResult {
  readonly bench: BenchCase;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}
