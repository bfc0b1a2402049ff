import { type LinkCreateAttr, progAttachFlags } from '../../abi/index.ts';
import { Program } from '../../program/index.ts';
import { Link } from '../link.ts';
import { checkU64 } from '../numbers.ts';

/** Another program at the same place, or its link; `all` for all programs there. */
export type Neighbour = Link | Program | 'all';

/** The place in the order of the programs. Default: after all programs that are there. */
export interface OrderOptions {
  /** The program runs before this other one. */
  readonly before?: Neighbour | undefined;
  /** The program runs after this other one. */
  readonly after?: Neighbour | undefined;
  /** Attaches only if the place still has this revision. Each program that is attached or detached there changes it. */
  readonly expectedRevision?: number | bigint | undefined;
}

export const ORDER_OPTIONS: readonly string[] = ['before', 'after', 'expectedRevision'];

/** The attributes for an order. @throws RangeError; TypeError if both neighbours are given, or a wrong one */
export function orderAttr(
  what: string,
  { before, after, expectedRevision }: OrderOptions,
): {
  readonly flags: number;
  readonly relative: NonNullable<LinkCreateAttr['tcx']>;
} {
  if (before !== undefined && after !== undefined) {
    throw new TypeError(`${what}: give before or after, not both`);
  }
  if (expectedRevision !== undefined) checkU64(`${what}: expectedRevision`, expectedRevision);
  const neighbour = before ?? after;
  const relative = { relative_fd: undefined, expected_revision: expectedRevision };
  if (neighbour === undefined) return { flags: 0, relative };
  const flags = before === undefined ? progAttachFlags.after : progAttachFlags.before;
  if (neighbour === 'all') return { flags, relative };
  if (neighbour instanceof Link) {
    return {
      flags: flags | progAttachFlags.link,
      relative: { ...relative, relative_fd: neighbour.fd.value },
    };
  }
  if (neighbour instanceof Program) {
    return { flags, relative: { ...relative, relative_fd: neighbour.fd.value } };
  }
  throw new TypeError(`${what}: before and after take a Link, a Program or "all"`);
}

/** What an errno means if programs have an order. */
export const ORDER_PROBLEMS = {
  ESTALE: 'programs were attached or detached there after the expected revision: query the place again',
  ENOENT: 'the program or link to attach before or after is not attached there',
  EEXIST: 'this program is already attached there',
} as const;
