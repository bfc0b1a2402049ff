import { ERRNO, type Explain } from '../../errors/index.ts';
import { Fd } from '../fd.ts';
import { commonCause, type Purpose, syscall, systemError, trySyscall } from '../syscall.ts';
import { FLAGS } from './constants.ts';
import { decodeMessages, encodeRequest, type Message, type Request, readEnd } from './messages.ts';

// include/linux/socket.h, include/linux/net.h, include/uapi/linux/netlink.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const MSG_TRUNC = 0x20;

/** The kernel puts no more into one answer, unless a single object is larger. */
const ROOM = 32 * 1024;

/** Switches an option on. Kernels before 4.12 lack them, and then answers say less. */
function switchOn(socket: Fd, option: number): void {
  trySyscall('setsockopt', socket.value, SOL_NETLINK, option, new Int32Array([1]), 4);
}

/**
 * A conversation with the kernel about network devices (rtnetlink). It stays with the network namespace in which it was
 * opened. The calls wait for the answer, which the kernel gives at once.
 */
export class RouteSocket {
  readonly fd: Fd;
  #sequence = 0;

  /** @param what - what the descriptor is called in errors. @throws BpfError */
  constructor(what = 'netlink socket') {
    const number = syscall(
      'open a netlink socket',
      'socket',
      AF_NETLINK,
      SOCK_RAW | SOCK_CLOEXEC,
      NETLINK_ROUTE,
    );
    this.fd = Fd.adopt(number, what);
    switchOn(this.fd, NETLINK_EXT_ACK);
    switchOn(this.fd, NETLINK_CAP_ACK);
  }

  /**
   * Sends a request, and returns the kernel's messages before the acknowledgement: what was made if the request has the
   * flag `echo`, or what was asked for.
   *
   * @throws BpfError if the kernel refuses, with what it says about that
   */
  request(request: Request, purpose: Purpose): Message[] {
    const flags = request.flags | FLAGS.request | FLAGS.ack;
    return this.#exchange({ ...request, flags }, purpose);
  }

  /** Asks for all objects. @throws BpfError */
  dump(request: Omit<Request, 'flags'>, purpose: Purpose): Message[] {
    for (;;) {
      const found = this.#exchange({ ...request, flags: FLAGS.request | FLAGS.dump }, purpose);
      if (found.every(({ flags }) => (flags & FLAGS.dump_interrupted) === 0)) return found;
    }
  }

  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #exchange(request: Request, { action, explain }: Purpose): Message[] {
    const sequence = ++this.#sequence;
    const bytes = encodeRequest(request, sequence);
    const sent = trySyscall('sendto', this.fd.value, bytes, bytes.length, 0, null, 0);
    if (sent < 0) throw systemError(action, 'sendto', -sent, undefined, explain);
    const found: Message[] = [];
    for (;;) {
      for (const message of decodeMessages(this.#receive(action))) {
        // An answer that an earlier call did not wait for, because it failed.
        if (message.sequence !== sequence) continue;
        const end = readEnd(message);
        if (end === undefined) found.push(message);
        else if (end.errno === 0) return found;
        else throw systemError(action, 'sendto', end.errno, undefined, saying(end.text, explain));
      }
    }
  }

  #receive(action: string): Uint8Array {
    const buffer = new Uint8Array(ROOM);
    const size = trySyscall('recvfrom', this.fd.value, buffer, buffer.length, MSG_TRUNC, null, null);
    if (size < 0) throw systemError(action, 'recvfrom', -size);
    if (size > buffer.length) throw systemError(action, 'recvfrom', ERRNO.EMSGSIZE);
    return buffer.subarray(0, size);
  }
}

/** Adds to the explanation what the kernel said. */
function saying(text: string, explain: Explain | undefined): Explain {
  return (bare) => {
    const cause = explain?.(bare) ?? commonCause(bare.code, 'sendto');
    if (text === '') return cause;
    const said = `the kernel says "${text.replace(/\.$/, '')}"`;
    return typeof cause === 'string' && cause !== '' ? `${said}: ${cause}` : said;
  };
}
