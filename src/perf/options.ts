import { checkCodecs } from '../bytes/codec/index.ts';
import { checkFunction, checkInteger, checkOwner, rejectUnknownOptions } from '../errors/index.ts';
import { type AnyMap, type EventReaderOptions, mapText } from '../events/index.ts';
import { pageSize } from '../sys/index.ts';

/** When the kernel wakes a waiting reader: after this many records of one CPU, or after this many bytes. */
export type WakeUp = { readonly events: number } | { readonly bytes: number };

/** How records are read. */
export interface PerfBufferOptions<T> extends EventReaderOptions<T> {
  /** Bytes of the buffer of each CPU, rounded up to a power of two of pages. Default: 65,536. */
  readonly bufferSize?: number | undefined;
  /**
   * When a waiting reader is woken. Default: at every record. Fewer wakeups cost less, but records wait longer. With
   * `events`, the kernel also wakes the reader when half of a buffer has been written since the last wakeup.
   */
  readonly wakeUp?: WakeUp | undefined;
  /** Called between the records, when the kernel says that it had no room for this many records of a CPU. */
  readonly lost?: ((count: number, cpu: number) => void) | undefined;
}

/** {@link PerfBufferOptions} after the checks and with defaults, without the codec. */
export interface RingOptions {
  readonly size: number;
  readonly wakeUp: WakeUp;
  readonly lost: ((count: number, cpu: number) => void) | undefined;
}

const KNOWN: readonly (keyof PerfBufferOptions<unknown>)[] = ['value', 'bufferSize', 'wakeUp', 'lost'];
const DEFAULT_SIZE = 65_536;
const MAX_SIZE = 2 ** 30;

/** How errors name the map. */
export const perfText = (map: AnyMap): string => mapText('perf buffer', map);

function checkWakeUp(wakeUp: WakeUp, size: number): void {
  rejectUnknownOptions('PerfBuffer.open: wakeUp', wakeUp, ['events', 'bytes']);
  const given = Object.entries(wakeUp);
  if (given.length !== 1) throw new TypeError('PerfBuffer.open: wakeUp takes events or bytes');
  const [[name, value] = ['', 0]] = given as [string, unknown][];
  const most = name === 'bytes' ? size - 1 : 0xffff_ffff;
  checkInteger(`PerfBuffer.open: wakeUp.${name}`, value, 1, most);
}

/** @throws TypeError for another type of map and for unknown options; RangeError for numbers out of range */
export function checkOptions(map: AnyMap, options: PerfBufferOptions<unknown>): RingOptions {
  rejectUnknownOptions('PerfBuffer.open', options, KNOWN);
  checkOwner('PerfBuffer.open: map', map, 'a BpfMap');
  checkCodecs('PerfBuffer.open', options, ['value']);
  const { bufferSize = DEFAULT_SIZE, wakeUp = { events: 1 }, lost } = options;
  if (lost !== undefined) checkFunction('PerfBuffer.open: lost', lost);
  if (map.type !== 'perf_event_array') {
    throw new TypeError(`PerfBuffer.open: ${mapText('map', map)} is not of type perf_event_array`);
  }
  checkInteger('PerfBuffer.open: bufferSize', bufferSize, 1, MAX_SIZE);
  let size = pageSize();
  while (size < bufferSize) size *= 2;
  checkWakeUp(wakeUp, size);
  return { size, wakeUp, lost };
}
