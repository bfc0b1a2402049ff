import { type Codec, wrongType } from '../bytes/codec/index.ts';
import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import type { Fd } from '../sys/index.ts';

/**
 * A kernel object in a map that takes descriptors: a program in `prog_array`, a cgroup in `cgroup_array`, a socket in
 * `sockmap`. To write one, pass an object that owns a descriptor (`Program`, `BpfMap`), or `{ fd }` with an owner or a
 * plain number. Programs are read back as `{ id }`. Cgroups cannot be read back, nor can sockets in values of 4 bytes.
 */
export interface Reference {
  readonly fd?: Fd | number | undefined;
  readonly id?: number | undefined;
}

/** The codec of {@link Reference}: 4 bytes. It writes a descriptor and reads an id. */
export const reference: Codec<Reference> = Object.freeze({
  name: 'reference',
  size: 4,
  align: 4,
  encode(view: DataView, offset: number, value: Reference): void {
    const fd = typeof value === 'object' && value !== null ? value.fd : undefined;
    if (fd === undefined || fd === null) wrongType(value, 'an object with an open descriptor (fd)');
    const number = typeof fd === 'number' ? fd : fd.value;
    if (!Number.isInteger(number) || number < 0) wrongType(number, 'a descriptor number');
    view.setInt32(offset, number, HOST_LITTLE_ENDIAN);
  },
  decode(view: DataView, offset: number): Reference {
    return { id: view.getUint32(offset, HOST_LITTLE_ENDIAN) };
  },
});
