// depends on: tokens
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { attachTypes, commands } from '../../../src/abi/index.ts';
import { ByteWriter, HOST_LITTLE_ENDIAN } from '../../../src/bytes/index.ts';
import { attachNetkit, type NetkitOptions } from '../../../src/link/index.ts';
import type { Program } from '../../../src/program/index.ts';
import {
  interfaceIndex,
  kernelBtf,
  type NativeBinding,
  native,
  openDescriptors,
  withBinding,
} from '../../../src/sys/index.ts';
import { AttributeWriter, FLAGS, ROUTE, RouteSocket } from '../../../src/sys/netlink/index.ts';
import { runWithEachPermissionRemoved } from '../../../src/testing/index.ts';
import { counter, needsRoot } from '../support.ts';

/** NETKIT_NEXT: the next program decides. */
const NEXT = -1;
const DROP = 2;
/** Attributes of an interface (include/uapi/linux/if_link.h). */
const IFLA = { name: 3, info: 18, kind: 1, data: 2, peer: 1 } as const;

/** `struct ifinfomsg` and attributes. */
function interfaceMessage(name: string, more?: (attributes: AttributeWriter) => void): Uint8Array {
  const attributes = new AttributeWriter().text(IFLA.name, name);
  more?.(attributes);
  return new ByteWriter({ littleEndian: HOST_LITTLE_ENDIAN }).zeros(16).bytes(attributes.toBytes()).toBytes();
}

function ip(...words: string[]): void {
  const { status, stderr, error } = spawnSync('ip', words, { encoding: 'utf8' });
  assert.equal(status, 0, stderr ?? error?.message);
}

/** Makes a pair of netkit devices, `nk0` and its peer `nk1`. Each has a network of its own. */
function makePair(): void {
  using socket = new RouteSocket();
  const payload = interfaceMessage('nk0', (attributes) =>
    attributes.nested(IFLA.info, (info) =>
      info
        .text(IFLA.kind, 'netkit')
        .nested(IFLA.data, (data) => data.bytes(IFLA.peer, interfaceMessage('nk1'))),
    ),
  );
  socket.request(
    { type: ROUTE.newlink, flags: FLAGS.create | FLAGS.excl, payload },
    { action: 'make a pair' },
  );
  for (const [name, network] of Object.entries({ nk0: '10.9.0.1/24', nk1: '10.9.1.1/24' })) {
    ip('addr', 'add', network, 'dev', name);
    ip('link', 'set', name, 'up');
  }
}

async function sendFrom(device: 'nk0' | 'nk1'): Promise<void> {
  const socket = createSocket('udp4');
  const address = device === 'nk0' ? '10.9.0.2' : '10.9.1.2';
  await new Promise<void>((resolve, reject) => {
    socket.send('hello', 7, address, (error) => (error === null ? resolve() : reject(error)));
  });
  socket.close();
}

/** Whether one more datagram made a program run again. The devices also send packets by themselves. */
async function sees(program: { count(): number }, device: 'nk0' | 'nk1'): Promise<boolean> {
  const before = program.count();
  await sendFrom(device);
  return program.count() > before;
}

async function attaches(): Promise<void> {
  makePair();
  using primary = counter('sched_cls', { attachType: 'netkit_primary', result: NEXT, name: 'primary' });
  using peer = counter('sched_cls', { attachType: 'netkit_peer', result: NEXT, name: 'peer' });
  const one = attachNetkit(primary.program, { interface: 'nk0' });
  const two = attachNetkit(peer.program, { interface: interfaceIndex('nk0') });
  assert.equal(await sees(primary, 'nk0'), true);
  assert.equal(await sees(peer, 'nk1'), true);
  // Of the pair, the kernel names the device whose packets the program sees.
  for (const [link, { program }, name, direction] of [
    [one, primary, 'nk0', 'primary'],
    [two, peer, 'nk1', 'peer'],
  ] as const) {
    const info = link.info();
    assert.deepEqual(info, {
      id: info.id,
      programId: program.info().id,
      type: 'netkit',
      interfaceIndex: interfaceIndex(name),
      attachType: `netkit_${direction}`,
    });
  }

  // The first one that does not return "next" decides.
  using drops = counter('sched_cls', { result: DROP, name: 'drops' });
  const at = { interface: 'nk0', direction: 'primary' } as const;
  const before = attachNetkit(drops.program, { ...at, before: one });
  assert.equal(await sees(drops, 'nk0'), true);
  assert.equal(await sees(primary, 'nk0'), false);
  assert.throws(() => attachNetkit(drops.program, at), { code: 'EEXIST', message: /already attached there/ });
  before.close();
  assert.throws(() => attachNetkit(primary.program, { interface: 'nk1' }), {
    code: 'EACCES',
    message:
      /^Cannot attach program "primary" \(sched_cls\) to primary of network interface nk1: EACCES: the interface is the peer of a pair: give the primary device$/,
  });
  assert.throws(() => attachNetkit(primary.program, { interface: 'lo' }), {
    code: /^(ENXIO|EINVAL)$/,
    message: /the interface is not a netkit device/,
  });
  one.close();
  two.close();
  assert.equal(await sees(primary, 'nk0'), false);
}

const hasNetkit = kernelBtf().byName('netkit_link_attach', 'func') !== undefined;

test('netkit devices', { skip: hasNetkit ? false : 'this kernel has no netkit devices' }, async (t) => {
  await runWithEachPermissionRemoved(
    t,
    'programs of both devices of a pair',
    {
      cmds: ['map_create', 'prog_load'],
      maps: ['array'],
      progs: ['sched_cls'],
      attachs: ['cgroup_inet_ingress', 'netkit_primary', 'netkit_peer'],
    },
    attaches,
    { net: true, capabilities: ['net_admin'] },
  );
});

test('the call names the device, the place and the order', needsRoot(), () => {
  using it = counter('sched_cls', { attachType: 'netkit_peer', name: 'it' });
  const before = openDescriptors().length;
  let sent: number[] = [];
  const recording: NativeBinding = {
    ...native(),
    bpf: (command, attr, size) => {
      const { buffer, byteOffset } = attr as Uint8Array;
      sent = [command, size, ...new Uint32Array((buffer as ArrayBuffer).slice(byteOffset, byteOffset + 32))];
      return -22;
    },
  };
  const attach = (options: Partial<NetkitOptions>): number[] => {
    withBinding(recording, () => {
      assert.throws(() => attachNetkit(it.program, { interface: 'lo', ...options }), {
        code: 'EINVAL',
        message:
          /EINVAL: (the interface is not a netkit device, or the kernel was built without CONFIG_NETKIT|this kernel .* needs Linux 6.7)$/,
      });
    });
    return sent;
  };
  const command = commands.number('link_create');
  const { program } = it;
  const [fd, lo] = [program.fd.value, interfaceIndex('lo')];
  const [primary, peer] = [attachTypes.number('netkit_primary'), attachTypes.number('netkit_peer')];
  assert.deepEqual(attach({}), [command, 16, fd, lo, peer, 0, 0, 0, 0, 0]);
  assert.deepEqual(attach({ direction: 'primary' }), [command, 16, fd, lo, primary, 0, 0, 0, 0, 0]);
  const [AFTER, revision] = [16, 7n];
  assert.deepEqual(attach({ after: program, expectedRevision: revision }), [
    ...[command, 32, fd, lo, peer, AFTER, fd, 0],
    ...new Uint32Array(new BigUint64Array([revision]).buffer),
  ]);
  assert.equal(openDescriptors().length, before);
});

test('what is no netkit device, and wrong options, are refused', needsRoot(), () => {
  using it = counter('sched_cls', { name: 'it' });
  using xdp = counter('xdp', { name: 'it' });
  const attach =
    (options: object, program: Program = it.program) =>
    () =>
      attachNetkit(program, { interface: 'lo', ...options } as NetkitOptions);
  assert.throws(attach({ direction: 'primary' }), {
    code: /^(EINVAL|ENXIO)$/,
    message: /to primary of network interface lo: E\w+: (the interface is not a netkit device|this kernel)/,
  });
  assert.throws(attach({}), {
    name: 'TypeError',
    message:
      'attachNetkit: program "it" (sched_cls) was not loaded for netkit_primary or netkit_peer: give direction',
  });
  assert.throws(attach({ direction: 'ingress' }), {
    name: 'TypeError',
    message: 'attachNetkit: direction must be "primary" or "peer", got "ingress"',
  });
  assert.throws(
    attach({ direction: 'peer' }, xdp.program),
    /attachNetkit: program "it" \(xdp\) is not of type/,
  );
  assert.throws(attach({ direction: 'peer', interface: 'nobody0' }), { code: 'ENODEV' });
});
