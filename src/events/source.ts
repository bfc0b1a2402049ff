import type { MapType } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import { BpfError } from '../errors/index.ts';
import type { BpfMap, RingMap } from '../map/index.ts';
import { Claim, type Poller } from '../sys/index.ts';
import type { RecordCounts, Stretch } from './stretch.ts';

/** The parts of a map that readers and writers use. */
export type AnyMap = Pick<RingMap, 'name' | 'maxEntries' | 'fd' | 'info'> & {
  readonly type: string;
  readonly records?: Codec<unknown> | undefined;
};

/** `M` if it can be a map of type `T`: one of this type, or one whose type is not known before the program runs. */
export type Fitting<M extends AnyMap, T extends MapType> = T extends M['type']
  ? M
  : Extract<BpfMap, { readonly type: T }>;

/** The type of the records of a map, as the map says it: plain bytes unless it was created or opened with a codec. */
export type RecordOf<M> = M extends { readonly records: Codec<infer R> | undefined } ? R : unknown;

/** How errors name the map: `ring buffer "events" (ringbuf)`. */
export const mapText = (kind: string, map: AnyMap): string =>
  map.name === '' ? `${kind} (${map.type})` : `${kind} "${map.name}" (${map.type})`;

/**
 * Opens a map for its one reader or writer in this process, which owns the claim from then on.
 *
 * @throws BpfError `ERR_BPF_IN_USE` when there is one already
 */
export function claimMap<T>(
  map: AnyMap,
  what: string,
  role: 'reader' | 'writer',
  open: (claim: Claim) => T,
): T {
  const id = idOf(map);
  const claim = Claim.map(id, map.fd, () => {
    const which = id === undefined ? 'it' : `map ${id}`;
    const does = role === 'reader' ? 'reads' : 'writes';
    return `Cannot open ${what}: this process already ${does} ${which}, in this thread or in another worker thread: close that ${role} first`;
  });
  try {
    return open(claim);
  } catch (error) {
    claim.close();
    throw error;
  }
}

function idOf(map: AnyMap): number | undefined {
  try {
    return map.info().id;
  } catch (error) {
    // A security module may refuse the question.
    if (BpfError.is(error) && error.errno !== undefined) return undefined;
    throw error;
  }
}

/** Memory that the kernel writes records to, and what a reader does with it. */
export interface RecordSource {
  readonly closed: boolean;
  /** Bytes that are written and not yet read, headers included. */
  readonly available: number;
  readonly counts: RecordCounts;
  /**
   * The records to read next; undefined if there is none to read now. What is left of the last stretch comes first. If
   * nothing is left, its memory is given back, and the source looks for more.
   */
  find(): Stretch | undefined;
  /** Gives the memory of everything that was read back to the kernel. */
  release(): void;
  /**
   * Calls back once when there may be a record, or when waiting has failed.
   *
   * @returns a function that ends the waiting; undefined if there may be a record now
   */
  wait(poller: Poller, ready: (error?: unknown) => void): (() => void) | undefined;
  close(): void;
}
