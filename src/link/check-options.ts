import {
  checkArray,
  checkInteger,
  checkObject,
  checkOwner,
  checkPath,
  checkString,
  I32,
  rejectUnknownOptions,
  U32,
  wrongType,
} from '../errors/index.ts';
import { checkOffset, checkU64 } from './numbers.ts';

/** Options that several kinds of attaching have, before they are checked. */
interface CommonOptions {
  readonly cgroup?: unknown;
  readonly cookie?: unknown;
  readonly cookies?: unknown;
  readonly device?: unknown;
  readonly event?: unknown;
  readonly frequency?: unknown;
  readonly map?: unknown;
  readonly namespace?: unknown;
  readonly offset?: unknown;
  readonly period?: unknown;
  readonly tracefs?: unknown;
}

/** A place is named by its path, or given as an open descriptor. */
export function checkPlace(what: string, value: unknown): void {
  if (typeof value === 'string') checkPath(what, value);
  else if (typeof value === 'number') checkInteger(what, value, 0, I32[1]);
  else if (typeof value !== 'object' || value === null || !('value' in value)) {
    throw wrongType(what, 'a path or an open descriptor', value);
  }
}

/** Options that are texts, whatever they mean. */
const TEXTS = [
  'attachType',
  'category',
  'direction',
  'family',
  'function',
  'hook',
  'mode',
  'name',
  'path',
  'pattern',
];

/**
 * Checks those options that several kinds of attaching have, if they are given. An option means the same everywhere.
 *
 * @throws TypeError, RangeError
 */
export function checkCommonOptions(what: string, options: CommonOptions): void {
  for (const name of TEXTS) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) checkString(`${what}: ${name}`, value);
  }
  const { cgroup, cookie, cookies, device, event, frequency, map, namespace, offset, period, tracefs } =
    options;
  if (cookie !== undefined) checkU64(`${what}: cookie`, cookie);
  if (cookies !== undefined) {
    checkArray(`${what}: cookies`, cookies);
    for (const [index, one] of cookies.entries()) checkU64(`${what}: cookies[${index}]`, one);
  }
  if (offset !== undefined) checkOffset(what, offset);
  if (tracefs !== undefined) checkPath(`${what}: tracefs`, tracefs);
  if (cgroup !== undefined) checkPlace(`${what}: cgroup`, cgroup);
  if (namespace !== undefined) checkPlace(`${what}: namespace`, namespace);
  if (device !== undefined) checkPlace(`${what}: device`, device);
  if (map !== undefined) checkOwner(`${what}: map`, map, 'a BpfMap');
  if (period !== undefined) checkU64(`${what}: period`, period);
  if (frequency !== undefined) checkU64(`${what}: frequency`, frequency);
  if (event === undefined || typeof event === 'string') return;
  checkObject(`${what}: event`, event);
  rejectUnknownOptions(`${what}: event`, event, ['type', 'config']);
  const { type, config } = event as { readonly type?: unknown; readonly config?: unknown };
  checkInteger(`${what}: event.type`, type, ...U32);
  checkU64(`${what}: event.config`, config);
}
