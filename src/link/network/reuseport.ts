import { ERRNO, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import type { Attachment } from '../attachment.ts';
import { checkType } from '../problems.ts';
import type { SocketLike } from './find-socket.ts';
import { attachToSocket } from './socket-program.ts';

/** Where {@link attachReuseport} attaches. */
export interface ReuseportOptions {
  /**
   * A socket of the group, with the option SO_REUSEPORT (`reusePort: true` in Node). A socket of Node must be open:
   * listening or bound. If you give a descriptor, the socket stays open until the attachment is closed, because it holds
   * a copy of the descriptor.
   */
  readonly socket: SocketLike;
}

/**
 * Attaches a program to the group of sockets that share one port (SO_REUSEPORT). For each new connection or datagram it
 * chooses the socket: an `sk_reuseport` program with the helper `sk_select_reuseport`, a `socket_filter` program by
 * returning the place of the socket in the group, which counts from 0 in the order of binding.
 *
 * The program belongs to the whole group: it stays when this socket is closed, as long as there are others. A group has
 * one program, and a later one replaces it. If the later one was attached to the same socket, closing the attachment of
 * the earlier one changes nothing. So use one socket of a group for all of its programs.
 *
 * There is no kernel link for this: the program is detached when the attachment is closed or forgotten (see
 * {@link Link.keep}). Needs no capability, and can be used under a BPF token. Linux >= 4.19, to detach 5.3
 *
 * @throws BpfError `EINVAL` if the socket has no group; `ERR_BPF_NO_DESCRIPTOR` if a socket of Node is not open, or the
 *   runtime does not tell its descriptor (Deno does not); `EPERM` if the filter of the socket is locked; `ENOTSOCK`,
 *   `EBADF`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachReuseport(program: Program, options: ReuseportOptions): Attachment {
  rejectUnknownOptions('attachReuseport', options, ['socket']);
  checkType('attachReuseport', program, ['sk_reuseport', 'socket_filter'], options);
  const attempt = {
    program,
    target: 'the group of a socket',
    explain: {
      EINVAL: 'the socket was not bound with SO_REUSEPORT (reusePort: true), or is not of TCP or UDP',
      ENOTSUPP: 'sk_reuseport programs are for sockets of TCP and UDP, over IPv4 or IPv6',
      ENOMEM: 'the program is larger than a socket may hold: raise net.core.optmem_max',
    },
  };
  return attachToSocket('attachReuseport: socket', attempt, options.socket, {
    attach: 'attach_reuseport_ebpf',
    detach: 'detach_reuseport_bpf',
    gone: [ERRNO.ENOENT, ERRNO.EINVAL],
  });
}
