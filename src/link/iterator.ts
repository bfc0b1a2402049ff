import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { checkOwner, ERRNO, rejectUnknownOptions } from '../errors/index.ts';
import type { DescriptorHolder, Program } from '../program/index.ts';
import { type Fd, iterCreate, systemError, trySyscall } from '../sys/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { checkType } from './problems.ts';

/** What the iterator of {@link attachIterator} walks over. */
export interface IteratorOptions {
  /** The map, if the iterator walks over the elements of a map. */
  readonly map?: DescriptorHolder | undefined;
}

/**
 * Attaches an iterator: a program of type `tracing` that was loaded for `trace_iter`. Each time it is read
 * ({@link readIterator}), the kernel calls the program for each of its objects of one kind. Linux >= 5.8
 *
 * @throws BpfError; TypeError for wrong options, and for programs of another type
 */
export function attachIterator(program: Program, options: IteratorOptions = {}): Link {
  rejectUnknownOptions('attachIterator', options, ['map']);
  checkType('attachIterator', program, ['tracing'], options);
  const attempt = {
    program,
    target: 'what it walks over',
    explain: {
      EINVAL: 'it is not an iterator, or it walks over a map that was not given or has the wrong type',
    },
  };
  if (options.map === undefined) return createLink(attempt, 'trace_iter', {});
  // union bpf_iter_link_info: the descriptor of a map
  const info = new Uint8Array(4);
  new DataView(info.buffer).setUint32(0, options.map.fd.value, HOST_LITTLE_ENDIAN);
  return createLink(attempt, 'trace_iter', { iter_info: info, iter_info_len: info.length });
}

const CHUNK = 64 * 1024;

/**
 * Runs an iterator once over everything, and returns what the program wrote (`seq_write`, `seq_printf`).
 *
 * @throws BpfError also if the program fails: `E2BIG` if it writes more for one object than the kernel has room for
 */
export function readIterator(link: Link): Uint8Array {
  checkOwner('readIterator: link', link, 'a Link');
  using fd = iterCreate(link.fd, ({ code }) => (code === 'EINVAL' ? 'it is not an iterator' : undefined));
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(CHUNK);
    const size = readPart(fd, part);
    if (size === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, size));
  }
}

/** Reads the next part; returns its size, 0 at the end. @throws BpfError */
function readPart(fd: Fd, part: Uint8Array): number {
  for (;;) {
    const size = trySyscall('read', fd.value, part, part.length);
    if (size >= 0) return size;
    // After a million objects without output the kernel pauses (EAGAIN), and continues at the next read.
    if (size !== -ERRNO.EAGAIN) throw systemError(`read the ${fd.what}`, 'read', -size);
  }
}
