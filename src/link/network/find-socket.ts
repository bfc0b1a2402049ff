import { BpfError, checkInteger, I32, wrongType } from '../../errors/index.ts';
import { Fd } from '../../sys/index.ts';

/** A `net.Socket`, `net.Server` or `dgram.Socket` of Node, or of a class derived from one, such as `http.Server`. */
export interface NodeSocket {
  address(): unknown;
  ref(): unknown;
  unref(): unknown;
}

/** An open socket: an object of Node, or a descriptor, or its number. */
export type SocketLike = NodeSocket | Fd | number;

interface Handle {
  readonly fd?: unknown;
}

function isNodeSocket(value: unknown): value is NodeSocket {
  return typeof value === 'object' && value !== null && 'address' in value && 'unref' in value;
}

/** The object in which the runtime keeps the open socket: `null` if there is none now, `undefined` if it is unknown. */
function handleOf(socket: NodeSocket): Handle | null | undefined {
  // A dgram.Socket keeps it under a symbol. Its property `_handle` is deprecated: reading it prints a warning.
  const state = Object.getOwnPropertySymbols(socket).find(({ description }) =>
    /^k?state ?symbol$/i.test(description ?? ''),
  );
  if (state === undefined) return (socket as { readonly _handle?: Handle | null })._handle;
  return (socket as unknown as Record<symbol, { readonly handle?: Handle | null }>)[state]?.handle;
}

function runtimeName(): string {
  if ('Deno' in globalThis) return 'Deno';
  return 'Bun' in globalThis ? 'Bun' : 'Node';
}

function numberOf(action: string, socket: NodeSocket): number {
  const handle = handleOf(socket);
  const fd = handle?.fd;
  if (typeof fd === 'number' && fd >= 0) return fd;
  const cause =
    handle === null || typeof fd === 'number'
      ? 'it is not open: wait for its event "listening" or "connect" first'
      : `this version of ${runtimeName()} does not tell the descriptors of its sockets: give the number of a descriptor`;
  throw new BpfError(`Cannot ${action}: ${cause}`, { code: 'ERR_BPF_NO_DESCRIPTOR' });
}

/**
 * The number of the descriptor of an option, and whether the socket is an object of Node.
 *
 * @param what - the option, for errors
 * @param action - completes "Cannot ..."
 * @throws BpfError `ERR_BPF_NO_DESCRIPTOR`; TypeError, RangeError; ClosedError
 */
export function socketNumber(
  what: string,
  action: string,
  socket: unknown,
): { number: number; ofNode: boolean } {
  if (isNodeSocket(socket)) return { number: numberOf(action, socket), ofNode: true };
  if (typeof socket === 'number') {
    checkInteger(what, socket, 0, I32[1]);
    return { number: socket, ofNode: false };
  }
  if (socket instanceof Fd) return { number: socket.value, ofNode: false };
  throw wrongType(
    what,
    'a net.Socket, net.Server or dgram.Socket, an Fd or the number of a descriptor',
    socket,
  );
}
