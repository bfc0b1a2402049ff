import { attachTypes } from '../../abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';
import { ClosedError } from '../../errors/index.ts';
import type { KeyedMap, KeyedMapType } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import { type Fd, linkCreate } from '../../sys/index.ts';
import type { Named } from '../spec/named.ts';
import type { StructOpsLayout } from './layout.ts';

/** A struct_ops that the kernel uses: it calls the programs until this is closed. */
export class StructOpsRegistration {
  /** The link; `undefined` for a struct_ops without one. */
  readonly fd: Fd | undefined;
  readonly #map: KeyedMap<unknown, unknown, KeyedMapType>;
  #closed = false;

  /** @internal */
  constructor(map: KeyedMap<unknown, unknown, KeyedMapType>, fd: Fd | undefined) {
    this.#map = map;
    this.fd = fd;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Takes the struct back from the kernel. May be called any number of times. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.fd !== undefined) this.fd.close();
    else if (!this.#map.closed) this.#map.delete(0);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A kernel struct whose functions programs implement, such as a TCP congestion control. */
export class StructOps {
  readonly name: string;
  /** Whether it is registered by a link (`.struct_ops.link`). */
  readonly link: boolean;
  readonly map: KeyedMap<unknown, unknown, KeyedMapType>;
  readonly #layout: StructOpsLayout;
  readonly #programs: Named<Program>;
  #filled = false;

  /** @internal */
  constructor(
    layout: StructOpsLayout,
    map: KeyedMap<unknown, unknown, KeyedMapType>,
    programs: Named<Program>,
  ) {
    this.name = layout.map.name;
    this.link = layout.link;
    this.map = map;
    this.#layout = layout;
    this.#programs = programs;
  }

  /**
   * Hands the struct to the kernel. If it has no link, it stays there when the process ends.
   *
   * @throws BpfError such as `EEXIST` when its name is taken, `EOPNOTSUPP` when it is for tests only; ClosedError
   */
  register(): StructOpsRegistration {
    if (!this.link || !this.#filled) this.#fill();
    if (!this.link) return new StructOpsRegistration(this.map, undefined);
    this.#filled = true;
    const attach_type = attachTypes.number('struct_ops');
    const what = `struct_ops "${this.name}"`;
    const purpose = { action: `register ${what}`, what: `link of ${what}` };
    const link = linkCreate({ map_fd: this.map.fd.value, attach_type }, purpose);
    return new StructOpsRegistration(this.map, link);
  }

  #fill(): void {
    const value = new Uint8Array(this.#layout.value);
    const view = new DataView(value.buffer);
    for (const { program, offset } of this.#layout.members) {
      const loaded = this.#programs[program];
      if (loaded === undefined) throw new ClosedError(`program "${program}"`);
      view.setBigUint64(offset, BigInt(loaded.fd.value), HOST_LITTLE_ENDIAN);
    }
    this.map.set(0, value);
  }
}
