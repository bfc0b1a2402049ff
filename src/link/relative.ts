import { type LinkCreateAttr, progAttachFlags } from '../abi/index.ts';
import { Program } from '../program/index.ts';
import { Link } from './link.ts';
import { checkU64 } from './numbers.ts';

/** Another program, or its link, at the same place; `all` for all that are there. */
export type Neighbour = Link | Program | 'all';

/** The order among the programs of one place. Default: behind all that are there. */
export interface OrderOptions {
  /** Runs before this one. */
  readonly before?: Neighbour | undefined;
  /** Runs after this one. */
  readonly after?: Neighbour | undefined;
  /** The revision of the place that is expected: when others have attached or detached since, nothing is done. */
  readonly expectedRevision?: bigint | undefined;
}

export const ORDER_OPTIONS: readonly string[] = ['before', 'after', 'expectedRevision'];

/** The attributes for an order. @throws RangeError; TypeError when both neighbours are given, or none that can be one */
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

/** What an errno means where programs stand in an order. */
export const ORDER_PROBLEMS = {
  ESTALE: 'programs were attached or detached there after the expected revision: query the place again',
  ENOENT: 'the program or link to attach before or after is not attached there',
  EEXIST: 'this program is already attached there',
} as const;
