import { attachTypes } from '../../abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';
import { ClosedError, OURS } from '../../errors/index.ts';
import type { Link } from '../../link/index.ts';
import type { KeyedMap, KeyedMapType } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import { linkCreate, mapDeleteElem } from '../../sys/index.ts';
import { linkLayer } from '../link-layer.ts';
import type { Named } from '../spec/named.ts';
import type { StructOpsLayout } from './layout.ts';

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
  constructor(layout: StructOpsLayout, map: StructOps['map'], programs: Named<Program>) {
    this.name = layout.map.name;
    this.link = layout.link;
    this.map = map;
    this.#layout = layout;
    this.#programs = programs;
  }

  /**
   * Hands the struct to the kernel, which calls the programs until the link is closed. A struct_ops without a link
   * (`SEC(".struct_ops")`) stays in the kernel when the process ends.
   *
   * If you forget what this returns, the garbage collector closes it ({@link Link.keep}).
   *
   * @returns a link, or for a struct_ops without one an {@link Attachment}
   * @throws BpfError such as `EEXIST` when its name is taken, `EOPNOTSUPP` when it is for tests only; ClosedError
   */
  register(): Link {
    if (!this.link || !this.#filled) this.#fill();
    if (!this.link) return withoutLink(this.map, this.name);
    this.#filled = true;
    const attach_type = attachTypes.number('struct_ops');
    const what = `struct_ops "${this.name}"`;
    const purpose = { action: `register ${what}`, what: `link of ${what}` };
    const { Link } = linkLayer();
    return new Link(OURS, linkCreate({ map_fd: this.map.fd.value, attach_type }, purpose), 'struct_ops');
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

/** Takes the struct back by deleting the map's only entry. */
function withoutLink(map: StructOps['map'], name: string): Link {
  const { Attachment } = linkLayer();
  const fd = map.fd.duplicate();
  return new Attachment(OURS, fd, () =>
    mapDeleteElem(fd, new Uint8Array(4), `take back struct_ops "${name}"`),
  );
}
