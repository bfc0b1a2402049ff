import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u32 } from '../../../src/bytes/codec/index.ts';
import { attachSockmap, type Link } from '../../../src/link/index.ts';
import { attachmentText, attachWithoutLink } from '../../../src/link/network/prog-attach.ts';
import { BpfMap, reference } from '../../../src/map/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { type Fd, openDescriptors } from '../../../src/sys/index.ts';
import { counter, needsRoot } from '../support.ts';
import { connection, nextData, tcpDescriptorOf } from './socket-support.ts';

const PASS = 1;

/** What {@link attachSockmap} does on kernels without links for maps of sockets. */
function attachAsBefore(program: Program, map: { readonly fd: Fd }): Link {
  const attempt = { program, target: 'the map' };
  return attachWithoutLink(attempt, map.fd.duplicate(attachmentText(attempt)), 'sk_skb_verdict');
}

test('an attachment detaches its own program, and only that', needsRoot(), async () => {
  using map = BpfMap.create({ type: 'sockmap', key: u32, value: reference, maxEntries: 1 });
  using one = counter('sk_skb', { attachType: 'sk_skb_verdict', result: PASS, name: 'one' });
  using other = counter('sk_skb', { attachType: 'sk_skb_verdict', result: PASS, name: 'other' });
  const before = openDescriptors().length;
  const attach = (program: Program): Link => attachAsBefore(program, map);
  const first = attach(one.program);
  const second = attach(other.program);
  one.program.close();
  first.close();
  const { client, accepted, close } = await connection();
  map.set(0, { fd: tcpDescriptorOf(accepted) });
  const data = nextData(accepted);
  client.write('hello');
  assert.equal(await data, 'hello');
  assert.deepEqual([one.count(), other.count()], [0, 1]);
  assert.equal(second.fd.what, 'attachment of program "other" (sk_skb) to the map');
  second.detach();
  assert.equal(second.closed, true);
  // A socket takes the programs over when it is put into the map.
  map.delete(0);
  map.set(0, { fd: tcpDescriptorOf(accepted) });
  const again = nextData(accepted);
  client.write('again');
  assert.equal(await again, 'again');
  assert.equal(other.count(), 1);
  await close();
  assert.equal(openDescriptors().length, before - 1);
});

test('what the kernel refuses leaves nothing open', needsRoot(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 1 });
  using one = counter('sk_skb', { attachType: 'sk_skb_verdict', result: PASS, name: 'one' });
  const before = openDescriptors().length;
  assert.throws(() => attachAsBefore(one.program, map), {
    code: /^(EINVAL|EOPNOTSUPP)$/,
    command: 'prog_attach',
    message: /^Cannot attach program "one" \(sk_skb\) to the map: E/,
  });
  assert.equal(openDescriptors().length, before);
});

test('the attachment stays when the map and the program are closed', needsRoot(), () => {
  const map = BpfMap.create({ type: 'sockmap', key: u32, value: reference, maxEntries: 1 });
  using one = counter('sk_skb', { attachType: 'sk_skb_verdict', result: PASS });
  const attachment = attachAsBefore(one.program, map);
  const before = openDescriptors().length;
  map.close();
  one.program.close();
  attachment.close();
  attachment.close();
  assert.equal(openDescriptors().length, before - 4);
  assert.throws(() => attachSockmap(one.program, { map }), { code: 'ERR_BPF_CLOSED' });
});
