import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { Fd } from './fd.ts';
import { syscall, systemError, trySyscall } from './syscall.ts';

// include/uapi/linux/sockios.h, include/linux/socket.h, include/linux/net.h
const SIOCGIFNAME = 0x8910;
const SIOCGIFINDEX = 0x8933;
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
/** IFNAMSIZ and the size of `struct ifreq`, include/uapi/linux/if.h */
const NAME_SIZE = 16;
const REQUEST_SIZE = 40;

/** A socket is always in the process's network namespace; /sys/class/net shows the one in which sysfs was mounted. */
function openSocket(): Fd {
  const flags = SOCK_DGRAM | SOCK_CLOEXEC;
  return Fd.adopt(syscall('open a socket', 'socket', AF_UNIX, flags, 0), 'socket');
}

/**
 * The index of a network interface in the process's network namespace.
 *
 * @throws BpfError `ENODEV` if there is none with this name; TypeError if the text cannot be a name
 */
export function interfaceIndex(name: string): number {
  const bytes = Buffer.from(name);
  if (name === '' || name.includes('\0') || bytes.length >= NAME_SIZE) {
    throw new TypeError(
      `The name of a network interface has 1 to ${NAME_SIZE - 1} bytes, got ${JSON.stringify(name)}`,
    );
  }
  const request = new Uint8Array(REQUEST_SIZE);
  request.set(bytes);
  using socket = openSocket();
  const result = trySyscall('ioctl', socket.value, SIOCGIFINDEX, request);
  if (result < 0) {
    throw systemError(`find network interface ${name}`, 'ioctl', -result, undefined, ({ code }) =>
      code === 'ENODEV'
        ? 'there is none of this name in the network namespace of this process: see "ip link"'
        : undefined,
    );
  }
  return new DataView(request.buffer).getInt32(NAME_SIZE, HOST_LITTLE_ENDIAN);
}

/** The name of a network interface in the process's network namespace; `undefined` if there is none. */
export function interfaceName(index: number): string | undefined {
  const request = new Uint8Array(REQUEST_SIZE);
  new DataView(request.buffer).setInt32(NAME_SIZE, index, HOST_LITTLE_ENDIAN);
  using socket = openSocket();
  if (trySyscall('ioctl', socket.value, SIOCGIFNAME, request) < 0) return undefined;
  return Buffer.from(request.subarray(0, request.indexOf(0))).toString();
}
