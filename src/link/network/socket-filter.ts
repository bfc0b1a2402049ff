import { ERRNO, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import type { Attachment } from '../attachment.ts';
import { checkType } from '../problems.ts';
import type { SocketLike } from './find-socket.ts';
import { attachToSocket } from './socket-program.ts';

/** Where {@link attachSocketFilter} attaches. */
export interface SocketFilterOptions {
  /**
   * The socket. A socket of Node must be open: listening, connected or bound. If you give a descriptor, the socket stays
   * open until the attachment is closed, because it holds a copy of the descriptor.
   */
  readonly socket: SocketLike;
}

/**
 * Attaches a `socket_filter` program to a socket. For each packet that arrives at the socket, the program returns how
 * many bytes of it the socket may have, 0 for none. A socket has one filter: a later one replaces it, and then closing
 * the attachment of the earlier one changes nothing.
 *
 * There is no kernel link for this, so the program is detached when the attachment is closed or forgotten (see
 * {@link Link.keep}), or when the socket is closed. If the process ends first, the filter stays on sockets that other
 * processes have too. Needs no capability, and can be used under a BPF token. Linux >= 3.19
 *
 * @throws BpfError `ERR_BPF_NO_DESCRIPTOR` if a socket of Node is not open, or the runtime does not tell its descriptor
 *   (Deno does not); `EPERM` if the filter of the socket is locked; `ENOTSOCK`, `EBADF`, `ENOMEM`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 *
 * @example
 * const { createServer } = await import('node:net');
 * const server = createServer();
 * await new Promise<void>((resolve) => server.listen(8080, resolve));
 * using filter = attachSocketFilter(program, { socket: server });
 */
export function attachSocketFilter(program: Program, options: SocketFilterOptions): Attachment {
  rejectUnknownOptions('attachSocketFilter', options, ['socket']);
  checkType('attachSocketFilter', program, ['socket_filter'], options);
  const attempt = {
    program,
    target: 'a socket',
    explain: {
      ENOMEM: 'the program is larger than a socket may hold: raise net.core.optmem_max',
    },
  };
  return attachToSocket('attachSocketFilter: socket', attempt, options.socket, {
    attach: 'attach_bpf',
    detach: 'detach_filter',
    gone: [ERRNO.ENOENT],
  });
}
