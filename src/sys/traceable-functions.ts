import { BpfError, errnoOf } from '../errors/index.ts';
import { findTracefs } from './tracefs.ts';

const { readFileSync } = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');

/** Functions of the kernel and its modules that can be traced, as tracefs lists them. */
export interface TraceableFunctions {
  /** The file that they were read from. */
  readonly file: string;
  /** In the order of the file. A name may stand for several functions. */
  readonly functions: readonly TraceableFunction[];
}

export interface TraceableFunction {
  readonly name: string;
  /** Shown since Linux 6.5, to root. */
  readonly address: bigint | undefined;
}

/** The kernel lists places under such names that are not part of any function. */
const INVALID = '__ftrace_invalid_address__';

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw new BpfError(`Cannot read ${file}: ${code}`, { code: code ?? 'ERR_BPF_READ', cause });
  }
}

/**
 * Reads the functions whose names match.
 *
 * @param tracefs - where it is mounted. Default: where it is found
 * @returns `undefined` if there is no tracefs that this process can read
 */
export function traceableFunctions(
  matches: (name: string) => boolean,
  tracefs: string | undefined = findTracefs().path,
): TraceableFunctions | undefined {
  if (tracefs === undefined) return undefined;
  const withAddresses = join(tracefs, 'available_filter_functions_addrs');
  const namesOnly = join(tracefs, 'available_filter_functions');
  const addressed = read(withAddresses);
  const text = addressed ?? read(namesOnly);
  if (text === undefined) return undefined;
  const functions: TraceableFunction[] = [];
  // `address name`, followed by `[module]` for modules; without addresses, `name`.
  for (const line of text.split('\n')) {
    const [first = '', second = ''] = line.split(/\s+/, 2);
    const name = addressed === undefined ? first : second;
    if (name === '' || name.startsWith(INVALID) || !matches(name)) continue;
    functions.push({ name, address: addressed === undefined ? undefined : BigInt(`0x${first}`) });
  }
  return { file: addressed === undefined ? namesOnly : withAddresses, functions };
}
