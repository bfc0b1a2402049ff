// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, call, exit, loadMap, mov, r0, r2, r3, r4, r10, st } from '../../../src/asm/index.ts';
import { u32 } from '../../../src/bytes/codec/index.ts';
import { attachReuseport } from '../../../src/link/index.ts';
import { BpfMap, reference } from '../../../src/map/index.ts';
import { Program } from '../../../src/program/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { runWithEachPermissionRemoved } from '../../../src/testing/index.ts';
import { withOnly } from '../../features/privileges.ts';
import { counter, needsRoot } from '../support.ts';
import { closed, sendTo, sharingSocket, udpSocket, waiting } from './socket-support.ts';

const SK_PASS = 1;

/** Two sockets that share a port. */
async function twoSockets() {
  // Binding to port 0 twice would give two ports.
  const free = await udpSocket();
  const { port } = free.address();
  await closed(free);
  const sockets = [sharingSocket(port), sharingSocket(port)] as const;
  return {
    port,
    sockets,
    received: () => sockets.map(waiting),
    [Symbol.dispose]() {
      for (const socket of sockets) socket.close();
    },
  };
}

test('a socket filter chooses the socket of a group by its place', needsRoot(), async () => {
  using group = await twoSockets();
  const { port, received } = group;
  const before = openDescriptors().length;
  for (const place of [1, 0, 1]) {
    using chooses = counter('socket_filter', { result: place });
    using attachment = withOnly([], () => attachReuseport(chooses.program, { socket: group.sockets[0] }));
    for (const text of ['a', 'b', 'c', 'd']) await sendTo(port, text);
    const all = ['a', 'b', 'c', 'd'];
    assert.deepEqual(received(), place === 0 ? [all, []] : [[], all]);
    attachment.close();
    for (const text of all) await sendTo(port, text);
    assert.equal(chooses.count(), 4);
    assert.equal(received().flat().length, 4);
  }
  assert.equal(openDescriptors().length, before);
});

function selector(places: BpfMap<number, never>): Program {
  return Program.loadSync({
    type: 'sk_reuseport',
    name: 'selects',
    license: 'GPL',
    instructions: [
      st('u32', r10, -4, 0),
      loadMap(r2, places),
      mov(r3, r10),
      add(r3, -4),
      mov(r4, 0),
      call('sk_select_reuseport'),
      mov(r0, SK_PASS),
      exit(),
    ],
  });
}

async function selects(): Promise<void> {
  using group = await twoSockets();
  using places = BpfMap.create({ type: 'reuseport_sockarray', key: u32, value: reference, maxEntries: 1 });
  using program = selector(places as never);
  const attachment = attachReuseport(program, { socket: group.sockets[1].value });
  for (const at of [1, 0] as const) {
    places.set(0, { fd: group.sockets[at] });
    for (const text of ['a', 'b', 'c', 'd']) await sendTo(group.port, text);
    assert.equal(group.received()[at]?.length, 4);
  }
  // The program belongs to the group, and stays without the socket that it was attached with.
  group.sockets[1].close();
  attachment.close();
  attachment.close();
}

test('an sk_reuseport program chooses a socket from a map', needsRoot(), selects);

test('sockets without a group are refused, and a group may be gone', needsRoot(), async () => {
  using chooses = counter('socket_filter', { result: 0, name: 'it' });
  const before = openDescriptors().length;
  const alone = await udpSocket();
  assert.throws(() => attachReuseport(chooses.program, { socket: alone }), {
    code: 'EINVAL',
    message:
      'Cannot attach program "it" (socket_filter) to the group of a socket: EINVAL: the socket was not bound with SO_REUSEPORT (reusePort: true), or is not of TCP or UDP',
  });
  await closed(alone);
  {
    using group = await twoSockets();
    const attachment = attachReuseport(chooses.program, { socket: group.sockets[0].value });
    for (const socket of group.sockets) socket.close();
    attachment.close();
  }
  assert.equal(openDescriptors().length, before);
});

test('under a token', async (t) => {
  await runWithEachPermissionRemoved(
    t,
    'reuseport programs need CAP_BPF and these permissions',
    {
      cmds: ['map_create', 'prog_load'],
      maps: ['reuseport_sockarray'],
      progs: ['sk_reuseport'],
      attachs: ['sk_reuseport_select'],
    },
    selects,
    { net: true },
  );
});
