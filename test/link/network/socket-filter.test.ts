// depends on: tokens, runtime
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { attachSocketFilter } from '../../../src/link/index.ts';
import { Fd, openDescriptors, socketCookie } from '../../../src/sys/index.ts';
import { runWithEachPermissionRemoved } from '../../../src/testing/index.ts';
import { withOnly } from '../../features/privileges.ts';
import { counter, needsRoot } from '../support.ts';
import { closed, descriptorOf, nextMessage, sendTo, udpSocket } from './socket-support.ts';

const DROP = 0;
const KEEP = -1;

test('a filter decides what a socket receives, until its attachment is closed', needsRoot(), async () => {
  using drops = counter('socket_filter', { result: DROP, name: 'drops' });
  using cuts = counter('socket_filter', { result: 8 + 3, name: 'cuts' });
  const socket = await udpSocket();
  const { port } = socket.address();
  const first = nextMessage(socket);
  const attachment = attachSocketFilter(drops.program, { socket });
  assert.equal(attachment.type, 'unspec');
  await sendTo(port, 'dropped');
  assert.equal(drops.count(), 1);
  attachment.close();
  attachment.close();
  assert.equal(attachment.closed, true);
  await sendTo(port, 'arrives');
  assert.equal(await first, 'arrives');
  assert.equal(drops.count(), 1);

  // The header of UDP (8 bytes) counts.
  const second = nextMessage(socket);
  using _cuts = attachSocketFilter(cuts.program, { socket });
  await sendTo(port, 'shortened');
  assert.equal(await second, 'sho');
  await closed(socket);
});

test(
  'a later filter replaces an earlier one, whose attachment then changes nothing',
  needsRoot(),
  async () => {
    using earlier = counter('socket_filter', { result: KEEP });
    using later = counter('socket_filter', { result: DROP });
    const socket = await udpSocket();
    const { port } = socket.address();
    const one = attachSocketFilter(earlier.program, { socket });
    const other = attachSocketFilter(later.program, { socket: descriptorOf(socket) });
    one.close();
    await sendTo(port, 'dropped');
    assert.deepEqual([earlier.count(), later.count()], [0, 1]);
    const next = nextMessage(socket);
    other.detach();
    await sendTo(port, 'arrives');
    assert.equal(await next, 'arrives');
    await closed(socket);
  },
);

test('filters of TCP sockets and servers of Node', needsRoot(), async () => {
  using atServer = counter('socket_filter', { result: KEEP });
  using atSocket = counter('socket_filter', { result: KEEP });
  const server: Server = createServer((socket) => socket.end('hello'));
  assert.throws(() => attachSocketFilter(atServer.program, { socket: server }), {
    name: 'BpfError',
    code: 'ERR_BPF_NO_DESCRIPTOR',
    message:
      'Cannot attach program "counter" (socket_filter) to a socket: it is not open: wait for its event "listening" or "connect" first',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  using _filter = attachSocketFilter(atServer.program, { socket: server });
  const { port } = server.address() as { port: number };
  const socket: Socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  assert.ok(atServer.count() >= 1, 'sees the SYN');
  using _other = attachSocketFilter(atSocket.program, { socket });
  const stop = once(socket, 'close');
  socket.end();
  socket.resume();
  await stop;
  assert.ok(atSocket.count() >= 1, 'sees what the server sends');
  assert.throws(() => attachSocketFilter(atSocket.program, { socket }), {
    code: 'ERR_BPF_NO_DESCRIPTOR',
  });
  await closed(server);
});

test(
  'an attachment does not keep a socket of Node open, and leaves alone who gets its number',
  needsRoot(),
  async () => {
    using drops = counter('socket_filter', { result: DROP });
    using counts = counter('socket_filter', { result: KEEP });
    const socket = await udpSocket();
    const { port } = socket.address();
    const number = descriptorOf(socket);
    const attachment = attachSocketFilter(drops.program, { socket });
    await closed(socket);
    // The port is free again.
    const next = await udpSocket(port);
    const inItsPlace = await udpSocket();
    const sockets = [next, inItsPlace];
    const heir = sockets.find((each) => descriptorOf(each) === number);
    assert.ok(heir !== undefined, 'the number is in use again');
    using _filter = attachSocketFilter(counts.program, { socket: heir });
    attachment.close();
    const message = nextMessage(heir);
    await sendTo(heir.address().port, 'hello');
    assert.equal(await message, 'hello');
    assert.equal(counts.count(), 1);
    for (const each of sockets) await closed(each);
  },
);

test('an attachment holds a copy of a descriptor', needsRoot(), async () => {
  using drops = counter('socket_filter', { result: DROP });
  const socket = await udpSocket();
  const { port } = socket.address();
  const copy = Fd.duplicateOf(descriptorOf(socket), { action: 'copy' }, 'socket');
  const before = openDescriptors().length;
  const attachment = withOnly([], () => attachSocketFilter(drops.program, { socket: copy }));
  assert.equal(socketCookie(attachment.fd.value), socketCookie(copy.value));
  copy.close();
  await sendTo(port, 'dropped');
  const next = nextMessage(socket);
  attachment.close();
  await sendTo(port, 'arrives');
  assert.equal(await next, 'arrives');
  assert.equal(openDescriptors().length, before - 1);

  const other = attachSocketFilter(drops.program, { socket: descriptorOf(socket) });
  await closed(socket);
  const again = createSocket('udp4');
  again.bind(port, '127.0.0.1');
  const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'EADDRINUSE');
  other.close();
  await closed(await udpSocket(port));
  again.close();
});

test('what is not an open socket is refused', needsRoot(), async () => {
  using filter = counter('socket_filter', { result: KEEP, name: 'it' });
  using wrong = counter('xdp', { name: 'it' });
  const attach =
    (socket: unknown, program = filter.program) =>
    () =>
      attachSocketFilter(program, { socket: socket as number });
  const unbound = createSocket('udp4');
  const before = openDescriptors().length;
  assert.throws(attach(unbound), { code: 'ERR_BPF_NO_DESCRIPTOR', message: /it is not open: wait for/ });
  await closed(unbound);
  assert.throws(attach(unbound), { code: 'ERR_BPF_NO_DESCRIPTOR', message: /it is not open/ });
  const strange = { address() {}, ref() {}, unref() {} };
  assert.throws(attach(strange), {
    code: 'ERR_BPF_NO_DESCRIPTOR',
    message: /this version of (Node|Deno|Bun) does not tell the descriptors of its sockets: give the number/,
  });
  const file = openSync('/dev/null', 'r');
  assert.throws(attach(file), {
    code: 'ENOTSOCK',
    syscall: 'setsockopt',
    message:
      'Cannot attach program "it" (socket_filter) to a socket: ENOTSOCK: the descriptor is not a socket',
  });
  closeSync(file);
  assert.throws(attach(1_000_000), {
    code: 'EBADF',
    message: 'Cannot attach program "it" (socket_filter) to a socket: EBADF: the descriptor is not open',
  });
  const kinds = 'a net.Socket, net.Server or dgram.Socket, an Fd or the number of a descriptor';
  for (const [value, shown] of [
    ['eth0', '"eth0"'],
    [3n, '3n'],
    [{}, 'an object'],
  ]) {
    assert.throws(attach(value), {
      name: 'TypeError',
      message: `attachSocketFilter: socket must be ${kinds}, got ${shown}`,
    });
  }
  assert.throws(attach(-1), RangeError);
  assert.throws(attach(3, wrong.program), {
    name: 'TypeError',
    message: 'attachSocketFilter: program "it" (xdp) is not of type socket_filter',
  });
  const socket = await udpSocket();
  using attachment = attachSocketFilter(filter.program, { socket });
  assert.throws(() => attachment.info(), {
    code: 'ERR_BPF_NO_LINK',
    message:
      'Cannot ask about the attachment of program "it" (socket_filter) to a socket: it is attached without a link of the kernel, which has none for it',
  });
  await closed(socket);
  attachment.close();
  assert.equal(openDescriptors().length, before);
});

test('under a token', async (t) => {
  await runWithEachPermissionRemoved(
    t,
    'a socket filter needs CAP_BPF and these permissions',
    {
      cmds: ['map_create', 'prog_load'],
      maps: ['array'],
      progs: ['socket_filter'],
      attachs: ['cgroup_inet_ingress'],
    },
    async () => {
      using drops = counter('socket_filter', { result: DROP });
      const socket = await udpSocket();
      const attachment = attachSocketFilter(drops.program, { socket });
      await sendTo(socket.address().port, 'dropped');
      assert.equal(drops.count(), 1);
      attachment.close();
      await closed(socket);
    },
    { net: true },
  );
});
