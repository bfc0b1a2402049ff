// depends on: kernel
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { BpfError } from '../../../src/errors/index.ts';
import {
  attachFlowDissector,
  attachNetfilter,
  attachSkLookup,
  attachTcx,
  attachXdp,
} from '../../../src/link/index.ts';
import { interfaceIndex, interfaceName, namespaceInode } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { counter } from '../support.ts';

const ENVIRONMENT = { net: true, capabilities: ['net_admin'] } as const;
const PASS = { xdp: 2, tcx: 0, next: -1, accept: 1 };

/** Sends this many datagrams over the loopback device, to a socket that receives them. */
async function sendDatagrams(count: number): Promise<void> {
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sender = createSocket('udp4');
  const sent = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve, reject) => {
        sender.send('hello', receiver.address().port, '127.0.0.1', (error) =>
          error === null ? resolve() : reject(error),
        );
      }),
  );
  await Promise.all(sent);
  sender.close();
  receiver.close();
}

test('links of network interfaces and namespaces', async (t) => {
  await runWithToken(
    t,
    'an XDP program sees the packets of an interface until its link is closed',
    'any',
    async () => {
      using first = counter('xdp', { attachType: 'xdp', result: PASS.xdp, name: 'first' });
      using second = counter('xdp', { attachType: 'xdp', result: PASS.xdp, name: 'second' });
      const link = attachXdp(first.program, { interface: 'lo' });
      await sendDatagrams(3);
      assert.equal(first.count(), 3);
      assert.equal(link.type, 'xdp');
      const info = link.info();
      assert.ok(info.type === 'xdp');
      assert.deepEqual(
        [info.interfaceIndex, info.programId],
        [interfaceIndex('lo'), first.program.info().id],
      );

      assert.throws(() => attachXdp(second.program, { interface: 'lo' }), {
        code: 'EBUSY',
        message:
          'Cannot attach program "second" (xdp) to network interface lo: EBUSY: ' +
          'an XDP program is attached there: close its link, or update that link to this program; ' +
          'if it has none (by "ip link" or bpftool), detach it: ip link set dev lo xdp off',
      });
      assert.throws(() => link.update(second.program, { expected: second.program }), { code: 'EPERM' });
      link.update(second.program, { expected: first.program });
      await sendDatagrams(2);
      assert.deepEqual([first.count(), second.count()], [3, 2]);

      link.detach();
      assert.equal((link.info() as { interfaceIndex: number }).interfaceIndex, 0);
      using again = attachXdp(first.program, { interface: interfaceIndex('lo'), mode: 'generic' });
      link.close();
      await sendDatagrams(1);
      assert.deepEqual([first.count(), second.count()], [4, 2]);
      again.close();
      await sendDatagrams(1);
      assert.equal(first.count(), 4);
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'TCX programs run in the order asked for',
    'any',
    async () => {
      // The first program that does not return "next" decides.
      using decides = counter('sched_cls', { result: PASS.tcx, name: 'decides' });
      using looks = counter('sched_cls', { result: PASS.next, name: 'looks' });
      using ignored = counter('sched_cls', { result: PASS.next, name: 'ignored' });
      const at = { interface: 'lo', direction: 'ingress' } as const;
      using link = attachTcx(decides.program, at);
      using _before = attachTcx(looks.program, { ...at, before: link });
      using _after = attachTcx(ignored.program, { ...at, after: decides.program });
      await sendDatagrams(2);
      assert.deepEqual([looks.count(), decides.count(), ignored.count()], [2, 2, 0]);
      assert.deepEqual(
        { ...link.info(), id: 0 },
        {
          id: 0,
          programId: decides.program.info().id,
          type: 'tcx',
          interfaceIndex: interfaceIndex('lo'),
          attachType: 'tcx_ingress',
        },
      );
      assert.throws(() => attachTcx(decides.program, at), {
        code: 'EEXIST',
        message: /already attached there/,
      });
      assert.throws(() => attachTcx(decides.program, { ...at, direction: 'egress', before: link }), {
        code: 'ENOENT',
        message: /to egress of network interface lo: ENOENT: the program or link to attach before or after/,
      });
      using egress = attachTcx(ignored.program, { ...at, direction: 'egress', before: 'all' });
      await sendDatagrams(1);
      assert.equal(ignored.count(), 1);
      egress.close();
      assert.throws(() => attachTcx(looks.program, { ...at, direction: 'egress', expectedRevision: 99n }), {
        code: 'ESTALE',
      });
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'a netfilter program decides about packets',
    'any',
    async () => {
      using program = counter('netfilter', { attachType: 'netfilter', result: PASS.accept });
      const at = { family: 'ipv4', hook: 'local_in', priority: -7 } as const;
      using link = attachNetfilter(program.program, at);
      await sendDatagrams(2);
      assert.equal(program.count(), 2);
      const info = link.info();
      assert.ok(info.type === 'netfilter');
      assert.deepEqual([info.family, info.hook, info.priority], ['ipv4', 'local_in', -7]);
      assert.throws(() => attachNetfilter(program.program, at), { code: 'EBUSY', message: /priority -7/ });
      link.detach();
      await sendDatagrams(1);
      assert.equal(program.count(), 2);
      for (const priority of [-(2 ** 31) + 1, 2 ** 31 - 2]) {
        using outermost = attachNetfilter(program.program, { ...at, priority });
        const outer = outermost.info();
        assert.equal(outer.type === 'netfilter' && outer.priority, priority);
      }
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'programs of a network namespace',
    'any',
    async () => {
      using lookup = counter('sk_lookup', { attachType: 'sk_lookup', result: 1 });
      using link = attachSkLookup(lookup.program);
      await sendDatagrams(2);
      assert.equal(lookup.count(), 2);
      const info = link.info();
      assert.ok(info.type === 'netns');
      assert.deepEqual([info.netnsInode, info.attachType], [namespaceInode('net'), 'sk_lookup']);
      using dissector = counter('flow_dissector', { attachType: 'flow_dissector' });
      using _first = attachFlowDissector(dissector.program);
      assert.throws(() => attachFlowDissector(dissector.program, { namespace: '/proc/self/ns/net' }), {
        code: 'E2BIG',
        message: /there is a flow dissector already/,
      });
      assert.throws(() => attachSkLookup(lookup.program, { namespace: '/run/netns/nobody' }), {
        code: 'ENOENT',
        message: /to network namespace \/run\/netns\/nobody: ENOENT: .* cannot be opened/,
      });
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'wrong interfaces, options and programs are refused with what is wrong',
    'any',
    () => {
      using xdp = counter('xdp', { result: PASS.xdp });
      const attach = (options: unknown): unknown => attachXdp(xdp.program, options as { interface: string });
      assert.throws(() => attach({ interface: 'nobody0' }), {
        code: 'ENODEV',
        message:
          'Cannot find network interface nobody0: ENODEV: there is none of this name in the network namespace of this process: see "ip link"',
      });
      assert.throws(() => attach({ interface: 99_999 }), {
        code: 'ENODEV',
        message: 'Cannot find a network interface with index 99999: ENODEV',
      });
      assert.throws(() => attach({ interface: 'a name that is too long' }), TypeError);
      assert.throws(() => attach({ interface: 0 }), RangeError);
      assert.throws(
        () => attach({ interface: 'lo', mod: 'generic' }),
        /unknown option "mod" \(did you mean "mode"/,
      );
      assert.throws(
        () => attach({ interface: 'lo', mode: 'native' }),
        /driver, generic or hardware, got "native"/,
      );
      assert.throws(
        () => attach({ interface: 'lo', mode: 'driver' }),
        (error) =>
          BpfError.is(error) && /cannot run XDP programs in mode "driver": use mode/.test(error.message),
      );
      assert.throws(() => attachTcx(xdp.program, { interface: 'lo', direction: 'ingress' }), {
        name: 'TypeError',
        message: 'attachTcx: program "counter" (xdp) is not of type sched_cls',
      });
      xdp.close();
      assert.throws(() => attachXdp(xdp.program, { interface: 'lo' }), { code: 'ERR_BPF_CLOSED' });
      assert.equal(interfaceName(interfaceIndex('lo')), 'lo');
      assert.equal(interfaceName(99_999), undefined);
    },
    ENVIRONMENT,
  );
});
