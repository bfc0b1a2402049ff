// depends on: kernel
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { linkTypes } from '../../../src/abi/index.ts';
import { call, exit, loadMap, mov, r2, r3, r4 } from '../../../src/asm/index.ts';
import { u32, u64 } from '../../../src/bytes/codec/index.ts';
import { Attachment, attachSockmap } from '../../../src/link/index.ts';
import { BpfMap, reference } from '../../../src/map/index.ts';
import { Program } from '../../../src/program/index.ts';
import { kernelEnumHas, openDescriptors } from '../../../src/sys/index.ts';
import { runWithEachPermissionRemoved, runWithToken } from '../../../src/testing/index.ts';
import { withOnly } from '../../features/privileges.ts';
import { counter, needsRoot } from '../support.ts';
import { connection, nextData, tcpDescriptorOf } from './socket-support.ts';

const SK_DROP = 0;
const SK_PASS = 1;
const HAS_LINKS = kernelEnumHas('bpf_link_type', linkTypes.number('sockmap')) === true;

function sockets() {
  return BpfMap.create({ type: 'sockmap', key: u32, value: reference, maxEntries: 2 });
}

type Sockets = ReturnType<typeof sockets>;

/** A verdict program that sends what arrives out again, by the first socket of the map. */
function redirector(map: Sockets): Program {
  return Program.loadSync({
    type: 'sk_skb',
    attachType: 'sk_skb_stream_verdict',
    name: 'redirects',
    license: 'GPL',
    instructions: [loadMap(r2, map), mov(r3, 0), mov(r4, 0), call('sk_redirect_map'), exit()],
  });
}

async function redirects(): Promise<void> {
  using map = sockets();
  using program = redirector(map);
  const link = attachSockmap(program, { map });
  assert.equal(link instanceof Attachment, !HAS_LINKS);
  const from = await connection();
  const to = await connection();
  map.set(0, { fd: tcpDescriptorOf(to.accepted) });
  map.set(1, { fd: tcpDescriptorOf(from.accepted) });
  const data = nextData(to.client);
  from.client.write('hello');
  assert.equal(await data, 'hello');
  link.close();
  await from.close();
  await to.close();
}

test('a verdict program sends what one socket receives by another', needsRoot(), redirects);

test('a parser says where messages end, and each gets a verdict', needsRoot(), async () => {
  using map = sockets();
  using parser = counter('sk_skb', { attachType: 'sk_skb_stream_parser', result: 4, name: 'parses' });
  using verdict = counter('sk_skb', { attachType: 'sk_skb_stream_verdict', result: SK_PASS });
  using _parser = withOnly([], () => attachSockmap(parser.program, { map }));
  using _verdict = attachSockmap(verdict.program, { map });
  const { client, accepted, close } = await connection();
  map.set(0, { fd: tcpDescriptorOf(accepted) });
  let received = '';
  accepted.on('data', (data: Buffer) => (received += data.toString()));
  client.end('onetwo..');
  accepted.resume();
  while (received.length < 8) await once(accepted, 'data');
  assert.equal(received, 'onetwo..');
  assert.deepEqual([parser.count(), verdict.count()], [2, 2]);
  await close();
});

test('an sk_msg program decides what sockets of a sockhash send', needsRoot(), async () => {
  using map = BpfMap.create({ type: 'sockhash', key: u64, value: reference, maxEntries: 2 });
  using passes = counter('sk_msg', { attachType: 'sk_msg_verdict', result: SK_PASS });
  const link = attachSockmap(passes.program, { map });
  const { client, accepted, close } = await connection();
  map.set(7n, { fd: tcpDescriptorOf(client) });
  const data = nextData(accepted);
  client.write('hello');
  assert.equal(await data, 'hello');
  assert.equal(passes.count(), 1);
  if (!(link instanceof Attachment)) {
    const info = link.info();
    assert.deepEqual(info, {
      id: info.id,
      programId: passes.program.info().id,
      type: 'sockmap',
      mapId: map.info().id,
      attachType: 'sk_msg_verdict',
    });
    assert.equal(link.type, 'sockmap');
    using drops = counter('sk_msg', { attachType: 'sk_msg_verdict', result: SK_DROP });
    assert.throws(() => attachSockmap(drops.program, { map }), {
      code: 'EBUSY',
      message: /to sk_msg_verdict of .*: EBUSY: another program is attached there: close its link, or update/,
    });
    link.update(drops.program, { expected: passes.program });
    // A socket takes the programs over when it is put into the map.
    map.delete(7n);
    map.set(7n, { fd: tcpDescriptorOf(client) });
    const [error] = await Promise.all([
      once(client, 'error').then(([each]) => each as NodeJS.ErrnoException),
      client.write('refused'),
    ]);
    assert.equal(error.code, 'EACCES');
    assert.deepEqual([passes.count(), drops.count()], [1, 1]);
    link.detach();
  }
  link.close();
  await close();
});

test('what does not fit is refused', needsRoot(), () => {
  using map = sockets();
  using other = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 1, name: 'other' });
  using verdict = counter('sk_skb', { attachType: 'sk_skb_verdict', result: SK_PASS, name: 'it' });
  using unsaid = counter('sk_skb', { result: SK_PASS, name: 'it' });
  const before = openDescriptors().length;
  const attach =
    (options: object, program = verdict.program) =>
    () =>
      attachSockmap(program, options as { map: typeof map });
  assert.throws(attach({ map: other }), {
    name: 'TypeError',
    message: 'attachSockmap: map must be a sockmap or sockhash, got a map of type array',
  });
  assert.throws(attach({ map, attachType: 'sk_msg_verdict' }), {
    code: 'EINVAL',
    message:
      'Cannot attach program "it" (sk_skb) to sk_msg_verdict of map (sockmap): EINVAL: sk_skb programs cannot do this',
  });
  assert.throws(attach({}), {
    name: 'TypeError',
    message: 'attachSockmap: map must be a BpfMap, got undefined',
  });
  assert.throws(attach({ map, attachType: 'verdict' }), {
    name: 'TypeError',
    message: /^attachSockmap: attachType must be "sk_msg_verdict", .* or "sk_skb_verdict", got "verdict"/,
  });
  assert.throws(attach({ map }, unsaid.program), {
    name: 'TypeError',
    message:
      'attachSockmap: program "it" (sk_skb) was not loaded for an attach type: give attachType, such as sk_skb_verdict',
  });
  using unsaidMessage = counter('sk_msg', { result: SK_PASS });
  attachSockmap(unsaidMessage.program, { map }).close();
  using stream = counter('sk_skb', { attachType: 'sk_skb_stream_verdict', result: SK_PASS });
  using _link = attachSockmap(verdict.program, { map });
  assert.throws(attach({ map }, stream.program), {
    code: 'EBUSY',
    message: /EBUSY: another program is attached there, or to sk_skb_verdict, which excludes this one: close/,
  });
  _link.close();
  assert.equal(openDescriptors().length, before + 4);
});

test('under a token', async (t) => {
  await runWithEachPermissionRemoved(
    t,
    'programs of a map of sockets need CAP_BPF, CAP_NET_ADMIN and these permissions',
    {
      cmds: ['map_create', 'prog_load'],
      maps: ['sockmap'],
      progs: ['sk_skb'],
      attachs: ['sk_skb_stream_verdict'],
    },
    redirects,
    { net: true, capabilities: ['net_admin'] },
  );
  await runWithToken(
    t,
    'without CAP_NET_ADMIN the map is refused',
    'any',
    () => assert.throws(sockets, { code: 'EPERM', message: /CAP_NET_ADMIN/ }),
    { net: true },
  );
});
