import { BpfError, checkOurs, OURS } from '../errors/index.ts';
import { native } from './binding.ts';
import type { Fd } from './fd.ts';

const forgotten = new FinalizationRegistry<number>((key) => native().release(key));

/**
 * The right of one thread to use something that only one may use at a time, such as to be the reader of a map. It
 * counts among all threads of this process. It ends with `close()`, with the thread, or when its owner is
 * garbage-collected. It says nothing about other processes.
 */
export class Claim {
  readonly #key: number;
  #closed = false;

  private constructor(ours: typeof OURS, key: number) {
    checkOurs(ours, 'Claim', 'Claim.map');
    this.#key = key;
    forgotten.register(this, key, this);
  }

  /**
   * Claims a map.
   *
   * @param id - the map's id; if it is not known, its descriptor stands for the map
   * @param refused - makes the text of the error
   * @throws BpfError `ERR_BPF_IN_USE` if this process already uses the map
   */
  static map(id: number | undefined, fd: Fd, refused: () => string): Claim {
    // Ids are positive.
    const key = id === undefined || id === 0 ? -fd.value : id;
    if (!native().claim(key)) throw new BpfError(refused(), { code: 'ERR_BPF_IN_USE' });
    return new Claim(OURS, key);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    forgotten.unregister(this);
    native().release(this.#key);
  }
}
