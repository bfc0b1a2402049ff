import { BpfError, checkString, didYouMean } from '../../errors/index.ts';
import { kernelBtf, kernelFunctionNames, traceableFunctions } from '../../sys/index.ts';
import { globMatcher } from '../glob.ts';
import { typeIdIn } from '../kernel-types.ts';

/** Kernel functions that match a pattern and can be traced. */
export interface MatchingFunctions {
  /** No name twice, unless there are addresses. */
  readonly names: readonly string[];
  /** One for each name, if the kernel shows them. */
  readonly addresses: readonly bigint[] | undefined;
  /** Where they were looked up. */
  readonly source: string;
}

/** Whether a name matches: `*` stands for any text, `?` for any character. @throws TypeError if it is not a pattern */
export function patternMatcher(what: string, pattern: string): (name: string) => boolean {
  checkString(`${what}: pattern`, pattern);
  if (!/^[\w.$*?]+$/.test(pattern)) {
    throw new TypeError(
      `${what}: pattern must be the name of a function, in which * and ? stand for any text and any character, got ${JSON.stringify(pattern)}`,
    );
  }
  return globMatcher(pattern);
}

/** The names that occur once. Others stand for several functions, which the kernel cannot tell apart by name. */
function unique(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, count]) => count === 1).map(([name]) => name);
}

function fromTracefs(
  matches: (name: string) => boolean,
  tracefs: string | undefined,
): MatchingFunctions | undefined {
  const found = traceableFunctions(matches, tracefs);
  if (found === undefined) return undefined;
  const { file: source, functions } = found;
  const byAddress = new Map<bigint, string>();
  for (const { name, address = 0n } of functions) byAddress.set(address, name);
  if (!byAddress.has(0n)) {
    return { names: [...byAddress.values()], addresses: [...byAddress.keys()], source };
  }
  return { names: unique(functions.map(({ name }) => name)), addresses: undefined, source };
}

const SYMBOLS = '/proc/kallsyms and kernel BTF (no tracefs can be read)';

/** Without tracefs: the functions that have BTF, most of which can be traced. */
function fromSymbols(matches: (name: string) => boolean): MatchingFunctions {
  const types = kernelBtf();
  const all = kernelFunctionNames() ?? [];
  const named = unique(all.filter(matches)).filter((name) => typeIdIn(types, 'func', name) !== undefined);
  return { names: named, addresses: undefined, source: SYMBOLS };
}

/** Finds the kernel functions that match. `tracefs` is where that is mounted, if the caller knows. */
function find(matches: (name: string) => boolean, tracefs: string | undefined): MatchingFunctions {
  return fromTracefs(matches, tracefs) ?? fromSymbols(matches);
}

/**
 * The kernel functions that match a pattern and can be traced: from tracefs, or if this process cannot read that, from
 * /proc/kallsyms and kernel BTF.
 *
 * @throws BpfError `ERR_BPF_ATTACH_TARGET` if there are none
 */
export function functionsMatching(what: string, pattern: string, tracefs?: string): MatchingFunctions {
  const found = find(patternMatcher(what, pattern), tracefs);
  if (found.names.length > 0) return found;
  // Comparing with all names would take seconds.
  const literal = pattern.replaceAll(/[*?]/g, '');
  const begun = literal.slice(0, 2);
  const near = didYouMean(literal, new Set(find((name) => name.startsWith(begun), tracefs).names));
  throw new BpfError(
    `Cannot find a kernel function that can be traced and matches "${pattern}" in ${found.source}${near}`,
    { code: 'ERR_BPF_ATTACH_TARGET' },
  );
}
