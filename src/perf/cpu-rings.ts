// Not the global functions, which return numbers in some runtimes.
import { clearInterval, setInterval } from 'node:timers';
import { BpfError } from '../errors/index.ts';
import { type AnyMap, type RecordCounts, type RecordSource, type Stretch, Tally } from '../events/index.ts';
import { type Fd, mapDeleteElem, mapUpdateElem, onlineCpus, type Poller, ReadableSet } from '../sys/index.ts';
import { CpuRing } from './cpu-ring.ts';
import { openingOf } from './open-event.ts';
import type { RingOptions } from './options.ts';

/** How many records of one CPU are read before the next CPU has its turn. */
const SHARE = 256;
/** Milliseconds between two checks of which CPUs are online. */
const LOOK_EVERY = 1000;

const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

/** The buffers of all CPUs that are online, and the map through which programs find them. */
export class CpuRings implements RecordSource {
  /** How many records the kernel has said that it dropped. */
  lost = 0;
  readonly #what: string;
  readonly #options: RingOptions;
  readonly #map: Fd;
  readonly #maxEntries: number;
  readonly #readable: ReadableSet;
  readonly #tally = new Tally();
  #rings: CpuRing[] = [];
  /** Buffers of CPUs that went offline, which may have records left to read. */
  readonly #gone = new Set<CpuRing>();
  #turn = 0;
  #share = SHARE;
  #current: CpuRing | undefined;
  #looked = 0;

  /** @throws BpfError */
  constructor(map: AnyMap, what: string, options: RingOptions) {
    this.#what = what;
    this.#options = options;
    this.#maxEntries = map.maxEntries;
    this.#readable = new ReadableSet(what);
    try {
      this.#map = map.fd.duplicate();
    } catch (error) {
      this.#readable.close();
      throw error;
    }
    try {
      this.look();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#readable.fd.closed;
  }

  get available(): number {
    return this.#rings.reduce((sum, ring) => sum + ring.available, 0);
  }

  /** The CPU of the last record that was found. */
  get cpu(): number | undefined {
    return this.#current?.cpu;
  }

  get counts(): RecordCounts {
    for (const ring of this.#rings) ring.tally();
    return this.#tally.counts(this.lost);
  }

  find(): Stretch | undefined {
    const current = this.#rings[this.#turn];
    if (current?.unread === true) return current.find(0);
    // One try more than there are buffers: the one that has used up its share may be the only one with records.
    for (let tried = 0; tried <= this.#rings.length; tried++) {
      const ring = this.#rings[this.#turn];
      if (ring === undefined) break;
      const found = this.#share > 0 ? ring.find(this.#share) : undefined;
      if (found !== undefined) {
        this.#share -= found.count;
        this.#current = ring;
        return found;
      }
      if (this.closed) return undefined;
      ring.release();
      if (this.#gone.has(ring) && ring.available === 0) this.#remove(ring);
      else this.#turn++;
      if (this.#turn >= this.#rings.length) this.#turn = 0;
      this.#share = SHARE;
    }
    if (performance.now() - this.#looked >= LOOK_EVERY) this.look();
    return undefined;
  }

  release(): void {
    this.#current?.release();
  }

  wait(poller: Poller, ready: (error?: unknown) => void): (() => void) | undefined {
    this.release();
    const leave = poller.once(this.#readable.fd, () => {
      clearInterval(looking);
      ready();
    });
    const end = (): void => {
      clearInterval(looking);
      leave();
    };
    // There is no notification when a CPU comes online.
    const looking = setInterval(() => {
      try {
        this.look();
      } catch (error) {
        end();
        ready(error);
      }
    }, LOOK_EVERY).unref();
    // Look only now: perf reports new records to a waiter once, and the start of the wait may consume that report.
    try {
      if (this.find() === undefined) return end;
    } catch (error) {
      end();
      throw error;
    }
    end();
    return undefined;
  }

  /**
   * Opens buffers for CPUs that came online. Gives up the buffers of CPUs that went offline: they are closed when
   * everything in them has been read.
   *
   * @throws BpfError
   */
  look(online: readonly number[] = onlineCpus()): void {
    this.#looked = performance.now();
    for (const ring of this.#rings) if (!online.includes(ring.cpu)) this.#giveUp(ring);
    const open = new Set(this.#rings.filter((ring) => !this.#gone.has(ring)).map(({ cpu }) => cpu));
    for (const cpu of online) if (cpu < this.#maxEntries && !open.has(cpu)) this.#open(cpu);
  }

  close(): void {
    if (this.closed) return;
    for (const { cpu } of this.#rings) this.#unset(cpu);
    for (const ring of this.#rings) ring.close();
    this.#readable.close();
    this.#map.close();
  }

  readonly #countLost = (count: number, cpu: number): void => {
    this.lost += count;
    this.#options.lost?.(count, cpu);
  };

  #open(cpu: number): void {
    const purpose = openingOf(this.#what);
    let ring: CpuRing;
    try {
      ring = new CpuRing(cpu, this.#options, purpose, this.#countLost, this.#tally);
    } catch (error) {
      // The CPU went offline since we looked.
      if (BpfError.is(error) && error.code === 'ENODEV') return;
      throw error;
    }
    try {
      this.#readable.add(ring.fd);
      mapUpdateElem(this.#map, u32(cpu), u32(ring.fd.value), purpose.action);
    } catch (error) {
      ring.close();
      throw error;
    }
    this.#rings = [...this.#rings, ring];
  }

  #giveUp(ring: CpuRing): void {
    if (this.#gone.has(ring)) return;
    this.#gone.add(ring);
    this.#readable.delete(ring.fd);
    this.#unset(ring.cpu);
  }

  /** Removes the entry of a CPU from the map. Programs on this CPU can then no longer write records. */
  #unset(cpu: number): void {
    try {
      mapDeleteElem(this.#map, u32(cpu), `close ${this.#what}`);
    } catch (error) {
      // Another process may have removed the entry or frozen the map.
      if (!BpfError.is(error)) throw error;
    }
  }

  #remove(ring: CpuRing): void {
    this.#gone.delete(ring);
    this.#rings = this.#rings.filter((other) => other !== ring);
    ring.close();
  }
}
