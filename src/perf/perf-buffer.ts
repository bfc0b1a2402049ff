import { type AnyMap, claimMap, EventReader, type Fitting, type RecordOf } from '../events/index.ts';
import type { Claim } from '../sys/index.ts';
import { CpuRings } from './cpu-rings.ts';
import { checkOptions, type PerfBufferOptions, perfText } from './options.ts';

/**
 * Reads what BPF programs write by `perf_event_output` into a map of type `perf_event_array`. Every CPU has a buffer of
 * its own: the records of one come in order, those of several do not. For new programs a ring buffer is better (map
 * type `ringbuf`): one buffer for all, in order, with less copying, and a BPF token is enough for it.
 *
 * Reading takes no system calls; waiting takes one. The map may be closed meanwhile; close the reader, or use `using`.
 * A map has one reader: from its opening to its close, its entries are the reader's. A second one in this process is
 * refused, also in another worker thread; one in another process would take the map over.
 *
 * The kernel pads records to a multiple of 8 bytes and 4 more: plain bytes have up to 7 behind what was written.
 *
 * CPUs that come online or go offline are noticed within a second while the reader is in use.
 *
 * Needs CAP_PERFMON in the initial user namespace, or `kernel.perf_event_paranoid` at 0 or below; above 2, as Debian's
 * and Ubuntu's kernels have it, CAP_SYS_ADMIN. Linux >= 4.4
 *
 * @example
 * using events = PerfBuffer.open(samples, { value: struct({ pid: u32, comm: string(16) }) });
 * for await (const { pid, comm } of events) console.log(events.cpu, pid, comm);
 */
export class PerfBuffer<T = Uint8Array> extends EventReader<T> {
  readonly #rings: CpuRings;

  private constructor(map: AnyMap, claim: Claim, rings: CpuRings, options: PerfBufferOptions<T>) {
    super(perfText(map), claim, rings, map, options);
    this.#rings = rings;
  }

  /**
   * Opens a buffer for each CPU that is online, and lets the map lead to them.
   *
   * @throws TypeError for a map of another type, and for unknown options; RangeError
   * @throws BpfError `EACCES` or `EPERM` without the right to it, with what is missing; `ERR_BPF_IN_USE` when this
   *   process reads the map already, here or in another worker thread
   */
  static open<M extends AnyMap, T = RecordOf<M>>(
    map: Fitting<M, 'perf_event_array'>,
    options: PerfBufferOptions<T> = {},
  ): PerfBuffer<T> {
    const checked = checkOptions(map, options);
    const what = perfText(map);
    return claimMap(
      map,
      what,
      'reader',
      (claim) => new PerfBuffer(map, claim, new CpuRings(map, what, checked), options),
    );
  }

  /**
   * The CPU that wrote the record given out last: in callbacks, and in iterations one by one. Undefined before the
   * first.
   */
  get cpu(): number | undefined {
    return this.#rings.cpu;
  }

  /**
   * How many records the kernel had no room for, as far as it has said: it tells with the next record of the same CPU
   * that does fit.
   */
  get lost(): number {
    return this.#rings.lost;
  }
}
