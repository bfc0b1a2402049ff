import { checkOurs, OURS } from '../errors/index.ts';
import { type AnyMap, claimMap, EventReader, type Fitting, type RecordOf } from '../events/index.ts';
import type { Claim } from '../sys/index.ts';
import { CpuRings } from './cpu-rings.ts';
import { checkOptions, type PerfBufferOptions, perfText } from './options.ts';

/**
 * Reads the records that BPF programs write with `perf_event_output` into a map of type `perf_event_array`. Each CPU
 * has its own buffer: the records of one CPU come in order, but the order between CPUs is not kept. For new programs a
 * ring buffer (map type `ringbuf`) is better: it has one buffer for all CPUs, in order, with less copying, and a BPF
 * token is enough for it.
 *
 * Reading takes no system calls. Waiting takes one. You may close the map while the reader is open. Close the reader,
 * or use `using`. A map has one reader, which owns the entries of the map until it is closed. A second one in this
 * process is refused, also in another worker thread. A reader in another process would take over the map.
 *
 * The kernel pads each record, so that its length is 4 more than a multiple of 8. Plain bytes therefore have up to 7
 * bytes after what was written.
 *
 * While the reader is in use, it notices within a second that CPUs come online or go offline.
 *
 * Needs CAP_PERFMON in the initial user namespace, or `kernel.perf_event_paranoid` at 0 or below. Above 2, as on
 * kernels of Debian and Ubuntu, it needs CAP_SYS_ADMIN. Linux >= 4.4
 *
 * @example
 * using events = PerfBuffer.open(samples, { value: struct({ pid: u32, comm: string(16) }) });
 * for await (const { pid, comm } of events) console.log(events.cpu, pid, comm);
 */
export class PerfBuffer<T = Uint8Array> extends EventReader<T> {
  readonly #rings: CpuRings;

  private constructor(
    key: typeof OURS,
    map: AnyMap,
    claim: Claim,
    rings: CpuRings,
    options: PerfBufferOptions<T>,
  ) {
    checkOurs(key, 'PerfBuffer', 'PerfBuffer.open');
    super(perfText(map), claim, rings, map, options);
    this.#rings = rings;
  }

  /**
   * Opens a buffer for each CPU that is online, and enters the buffers into the map.
   *
   * @throws TypeError for a map of another type, and for unknown options; RangeError
   * @throws BpfError `EACCES` or `EPERM` without the permission, with what is missing; `ERR_BPF_IN_USE` when this
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
      (claim) => new PerfBuffer(OURS, map, claim, new CpuRings(map, what, checked), options),
    );
  }

  /**
   * The CPU that wrote the current record, in callbacks and in loops over single records. Undefined before the first
   * record.
   */
  get cpu(): number | undefined {
    return this.#rings.cpu;
  }

  /**
   * How many records the kernel had no room for, as far as it has said. It says so together with the next record of the
   * same CPU that fits.
   */
  get lost(): number {
    return this.#rings.lost;
  }
}
