import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { checkOwner, ERRNO, rejectUnknownOptions } from '../errors/index.ts';
import type { DescriptorHolder, Program } from '../program/index.ts';
import { type Fd, iterCreate, systemError, trySyscall } from '../sys/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { checkType } from './problems.ts';

/** What {@link attachIterator} walks over. */
export interface IteratorOptions {
  /** The map, for iterators over the elements of a map. */
  readonly map?: DescriptorHolder | undefined;
}

/**
 * Attaches an iterator: a program of type `tracing` loaded for `trace_iter`, which the kernel calls for each of its
 * objects of a kind when somebody reads ({@link readIterator}). Linux >= 5.8
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
 * @throws BpfError also when the program's run fails: `E2BIG` when what it writes for one object finds no room
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

/** Reads what comes next. @throws BpfError */
function readPart(fd: Fd, part: Uint8Array): number {
  for (;;) {
    const size = trySyscall('read', fd.value, part, part.length);
    if (size >= 0) return size;
    // The kernel pauses after a million objects for which the program wrote nothing, and goes on at the next read.
    if (size !== -ERRNO.EAGAIN) throw systemError(`read the ${fd.what}`, 'read', -size);
  }
}
