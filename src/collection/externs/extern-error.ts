import { BpfError } from '../../errors/index.ts';
import type { ExternSpec } from '../spec/types.ts';

const WORDS: Readonly<Record<ExternSpec['kind'], string>> = {
  kconfig: 'kernel configuration',
  variable: 'kernel variable',
  function: 'kernel function',
};

/** An error about an extern, with the program or function that refers to it. */
export function externError(
  name: string,
  kind: ExternSpec['kind'] | undefined,
  user: string,
  problem: string,
): BpfError {
  const what = kind === undefined ? '' : ` (${WORDS[kind]})`;
  return new BpfError(`Cannot resolve extern "${name}"${what}, which ${user} refers to: ${problem}`, {
    code: 'ERR_BPF_EXTERN',
  });
}
