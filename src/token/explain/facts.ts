import type { TokenErrorInit } from '../../errors/index.ts';
import type { Delegation } from '../delegation/index.ts';
import type { TokenCandidate } from '../discovery/index.ts';

/** All that is known about a refused call. The explanation follows from nothing else. */
export interface Facts {
  /** Whether the process is in the initial user namespace; `undefined` if it cannot find out. */
  readonly initial: boolean | undefined;
  /** What turned tokens off for this call, if something did. */
  readonly off: string | undefined;
  /** Whether the kernel has tokens; `undefined` if the process cannot find out. */
  readonly kernelTokens: boolean | undefined;
  /** Whether the kernel takes a token for this command. */
  readonly commandTokens: boolean;
  /** The usable tokens. */
  readonly tokens: readonly { readonly mount: string; readonly delegation: Delegation }[];
  readonly candidates: readonly TokenCandidate[];
  /** The effective capabilities of the thread. */
  readonly effective: bigint;
  /** The locked-memory limit in bytes, on a kernel that counts BPF objects. */
  readonly lockedMemoryLimit: number | undefined;
  /** What may have refused when nothing else did: see `otherRefusers`. */
  readonly others: string;
}

/** The cause of a refusal: the text that comes after the errno, and the fields of the error. */
export type Explanation = Omit<TokenErrorInit, 'code' | 'errno' | 'syscall' | 'command'> & {
  readonly text: string;
};

/** `a, b and c` */
export const join = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** The explanation when nothing that is known to be needed is missing: something else refused. */
export function unexplained({ others }: Facts, holds: string): Explanation {
  return {
    reason: 'unexplained',
    text: `${holds}, and every other known condition is met: ${others}`,
  };
}
