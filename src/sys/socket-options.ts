import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { trySyscall } from './syscall.ts';

/** SOL_SOCKET and its options (include/uapi/asm-generic/socket.h). */
const SOL_SOCKET = 1;

export const SOCKET_OPTIONS = {
  detach_filter: 27,
  attach_bpf: 50,
  attach_reuseport_ebpf: 52,
  cookie: 57,
  detach_reuseport_bpf: 68,
  network_namespace_cookie: 71,
} as const;

/** An option of a socket. */
export type SocketOption = keyof typeof SOCKET_OPTIONS;

/** Sets an option that is an `int`: the result, or the negated errno. */
export function setSocketOption(socket: number, option: SocketOption, value: number): number {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, HOST_LITTLE_ENDIAN);
  return trySyscall('setsockopt', socket, SOL_SOCKET, SOCKET_OPTIONS[option], bytes, bytes.length);
}

/** Reads a 64-bit option, or returns the negated errno. */
function read64(socket: number, option: SocketOption): bigint | number {
  const value = new BigUint64Array(1);
  const length = new Uint32Array([value.byteLength]);
  const result = trySyscall('getsockopt', socket, SOL_SOCKET, SOCKET_OPTIONS[option], value, length);
  return result < 0 ? result : (value[0] ?? 0n);
}

/** What identifies a socket: as long as the machine runs, no other one has this number. Or the negated errno. */
export function socketCookie(socket: number): bigint | number {
  return read64(socket, 'cookie');
}

/** What identifies the network namespace of a socket; `undefined` before Linux 5.14. */
export function networkNamespaceCookie(socket: number): bigint | undefined {
  const cookie = read64(socket, 'network_namespace_cookie');
  return typeof cookie === 'bigint' ? cookie : undefined;
}
