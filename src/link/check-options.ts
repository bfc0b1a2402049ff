import {
  checkArray,
  checkInteger,
  checkIntegers,
  checkObject,
  checkOwner,
  checkPath,
  checkString,
  I32,
  U32,
  wrongType,
} from '../errors/index.ts';

/** Options that several kinds of attaching have, before anybody has looked at them. */
interface CommonOptions {
  readonly cgroup?: unknown;
  readonly cookie?: unknown;
  readonly cookies?: unknown;
  readonly event?: unknown;
  readonly frequency?: unknown;
  readonly map?: unknown;
  readonly namespace?: unknown;
  readonly period?: unknown;
  readonly tracefs?: unknown;
}

/** @throws TypeError, RangeError for what has no room in 64 bits */
function checkU64(what: string, value: unknown): void {
  if (typeof value === 'bigint') {
    if (BigInt.asUintN(64, value) === value || BigInt.asIntN(64, value) === value) return;
    throw new RangeError(`${what} must fit 64 bits, got ${value}n`);
  }
  if (typeof value !== 'number') throw wrongType(what, 'a bigint', value);
  checkInteger(what, value, 0, Number.MAX_SAFE_INTEGER);
}

/** A place is named by its path, or given as an open descriptor. */
function checkPlace(what: string, value: unknown): void {
  if (typeof value === 'string') checkPath(what, value);
  else if (typeof value === 'number') checkInteger(what, value, 0, I32[1]);
  else if (typeof value !== 'object' || value === null || !('value' in value)) {
    throw wrongType(what, 'a path or an open descriptor', value);
  }
}

function checkBigint(what: string, value: unknown): void {
  if (typeof value !== 'bigint') throw wrongType(what, 'a bigint', value);
  checkU64(what, value);
}

/** Options that are texts, whatever they name. */
const TEXTS = ['attachType', 'category', 'direction', 'family', 'function', 'hook', 'mode', 'name', 'path'];

const LIMITS = { processId: I32, cpu: I32, offset: [0, Number.MAX_SAFE_INTEGER] } as const;

/**
 * Checks the options that several kinds of attaching have, each wherever it is given: an option of one name means the
 * same everywhere.
 *
 * @throws TypeError, RangeError
 */
export function checkCommonOptions(what: string, options: CommonOptions): void {
  checkIntegers(what, options, LIMITS);
  for (const name of TEXTS) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) checkString(`${what}: ${name}`, value);
  }
  const { cgroup, cookie, cookies, event, frequency, map, namespace, period, tracefs } = options;
  if (cookie !== undefined) checkU64(`${what}: cookie`, cookie);
  if (cookies !== undefined) {
    checkArray(`${what}: cookies`, cookies);
    for (const [index, one] of cookies.entries()) checkU64(`${what}: cookies[${index}]`, one);
  }
  if (tracefs !== undefined) checkPath(`${what}: tracefs`, tracefs);
  if (cgroup !== undefined) checkPlace(`${what}: cgroup`, cgroup);
  if (namespace !== undefined) checkPlace(`${what}: namespace`, namespace);
  if (map !== undefined) checkOwner(`${what}: map`, map, 'a BpfMap');
  if (period !== undefined) checkBigint(`${what}: period`, period);
  if (frequency !== undefined) checkBigint(`${what}: frequency`, frequency);
  if (event === undefined || typeof event === 'string') return;
  checkObject(`${what}: event`, event);
  const { type, config } = event as { readonly type?: unknown; readonly config?: unknown };
  checkInteger(`${what}: event.type`, type, ...U32);
  checkU64(`${what}: event.config`, config);
}
