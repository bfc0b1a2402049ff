/** Sockets for tests of programs that are attached to sockets. */
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket as TcpSocket } from 'node:net';
import { HOST_LITTLE_ENDIAN } from '../../../src/bytes/index.ts';
import { Fd, native, openFile, setns, syscall } from '../../../src/sys/index.ts';

/** A UDP socket of the loopback device, bound and receiving. */
export async function udpSocket(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Sends a datagram; it has arrived, or has been dropped, when the promise is resolved. */
export async function sendTo(port: number, text: string): Promise<void> {
  const sender = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      sender.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    sender.close();
  }
}

/** The next datagram. Call it before the datagram is sent. */
export async function nextMessage(socket: Socket): Promise<string> {
  const [message] = (await once(socket, 'message')) as [Buffer];
  return message.toString();
}

export async function closed(socket: { close(): unknown } & NodeJS.EventEmitter): Promise<void> {
  const done = once(socket, 'close');
  socket.close();
  await done;
}

/** The number of a UDP socket's descriptor. */
export function descriptorOf(socket: Socket): number {
  const state = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  if (state === undefined) throw new Error('this runtime does not show the descriptor');
  return (socket as unknown as Record<symbol, { handle: { fd: number } }>)[state]?.handle.fd ?? -1;
}

/** Both ends of a TCP connection over the loopback device. */
export interface Connection {
  readonly client: TcpSocket;
  /** The other end, which the server accepted. */
  readonly accepted: TcpSocket;
  close(): Promise<void>;
}

export async function connection(): Promise<Connection> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepting = once(server, 'connection');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [[accepted]] = (await Promise.all([accepting, once(client, 'connect')])) as unknown as [[TcpSocket]];
  server.close();
  for (const socket of [client, accepted]) socket.setNoDelay(true);
  const close = async (): Promise<void> => {
    const done = [client, accepted].map((socket) => (socket.closed ? undefined : once(socket, 'close')));
    client.destroy();
    accepted.destroy();
    await Promise.all(done);
  };
  return { client, accepted, close };
}

/** The next data that a connection receives. Call it before they are sent. */
export async function nextData(socket: TcpSocket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

/** The number of a TCP socket's descriptor. */
export function tcpDescriptorOf(socket: TcpSocket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

/** A network namespace of another process, which ends with it. */
export interface OtherNamespace {
  readonly path: string;
  /** Runs `body` with this thread in the namespace. */
  inside<T>(body: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function otherNamespace(): Promise<OtherNamespace> {
  const other = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  other.stdin.write('ready');
  await once(other.stdout, 'data');
  const path = `/proc/${other.pid}/ns/net`;
  return {
    path,
    async inside(body) {
      const opened = openFile(path, 'namespace');
      const own = openFile('/proc/self/ns/net', 'own namespace');
      if (typeof opened === 'number' || typeof own === 'number') throw new Error('no namespace');
      try {
        setns(opened);
        return await body();
      } finally {
        setns(own);
        opened.close();
        own.close();
      }
    },
    async close() {
      other.stdin.end();
      await once(other, 'close');
    },
  };
}

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
/** bind(2), which the library itself does not need. */
const BIND = process.arch === 'arm64' ? 200 : 49;

/** An open UDP socket that shares its port with others (SO_REUSEPORT), which not every Node can make. */
export function sharingSocket(port: number): Fd {
  const flags = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = Fd.adopt(syscall('open a socket', 'socket', AF_INET, flags, 0), 'socket');
  const yes = new Uint8Array(4);
  new DataView(yes.buffer).setInt32(0, 1, HOST_LITTLE_ENDIAN);
  syscall('share a port', 'setsockopt', fd.value, SOL_SOCKET, SO_REUSEPORT, yes, yes.length);
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_INET, HOST_LITTLE_ENDIAN);
  view.setUint16(2, port);
  address.set([127, 0, 0, 1], 4);
  const result = native().syscall(BIND, fd.value, address, address.length);
  if (result < 0) throw new Error(`Cannot bind port ${port}: errno ${-result}`);
  return fd;
}

const MSG_DONTWAIT = 0x40;

/** The datagrams that wait at a socket. */
export function waiting(fd: Fd): string[] {
  const found: string[] = [];
  const buffer = new Uint8Array(64);
  for (;;) {
    const { numbers } = native();
    const size = native().syscall(
      numbers.recvfrom,
      fd.value,
      buffer,
      buffer.length,
      MSG_DONTWAIT,
      null,
      null,
    );
    if (size < 0) return found;
    found.push(Buffer.from(buffer.subarray(0, size)).toString());
  }
}
