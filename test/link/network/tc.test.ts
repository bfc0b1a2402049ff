// depends on: kernel, tokens
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { attachTc, type TcOptions } from '../../../src/link/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { interfaceIndex, kernelBtf, openDescriptors } from '../../../src/sys/index.ts';
import { addClsact, clsactKind, listFilters, RouteSocket } from '../../../src/sys/netlink/index.ts';
import { runWithEachPermissionRemoved, runWithToken } from '../../../src/testing/index.ts';
import { counter, needsRoot } from '../support.ts';
import { closed, nextMessage, otherNamespace, sendTo, udpSocket } from './socket-support.ts';

const ENVIRONMENT = { net: true, capabilities: ['net_admin'] } as const;
const PASS = 0;
const DROP = 2;
const INGRESS = { interface: 'lo', direction: 'ingress' } as const;
const LOOK = { action: 'look' };

/** What `clsact` of the loopback device has: its kind, and the filters of both directions. */
function present(): { kind: string | undefined; ingress: number[][]; egress: number[][] } {
  using socket = new RouteSocket();
  const index = interfaceIndex('lo');
  const at = (direction: 'ingress' | 'egress'): number[][] =>
    listFilters(socket, { interfaceIndex: index, direction }, LOOK).map(
      ({ priority, handle, programId = 0 }) => [priority, handle, programId],
    );
  return { kind: clsactKind(socket, index, LOOK), ingress: at('ingress'), egress: at('egress') };
}

const NOTHING = { kind: undefined, ingress: [], egress: [] };
const idOf = (program: Program): number => program.info().id;

/** The output of `tc`; `undefined` if it is not installed. */
function tc(...words: string[]): string | undefined {
  const { stdout, status, error, stderr } = spawnSync('tc', words, { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The module with filters that is neither built in nor loaded. */
function missingModule(): string | undefined {
  const btf = kernelBtf();
  return Object.entries({ sch_ingress: 'clsact_init', cls_bpf: 'cls_bpf_init' }).find(
    ([name, init]) => btf.byName(init, 'func') === undefined && !existsSync(`/sys/module/${name}`),
  )?.[0];
}

const missing = missingModule();
async function filters(): Promise<void> {
  using counts = counter('sched_cls', { result: PASS, name: 'counts' });
  const before = openDescriptors().length;
  const attachment = attachTc(counts.program, { ...INGRESS, priority: 7, handle: 3 });
  assert.deepEqual(present(), { kind: 'clsact', ingress: [[7, 3, idOf(counts.program)]], egress: [] });
  const socket = await udpSocket();
  const message = nextMessage(socket);
  await sendTo(socket.address().port, 'hello');
  assert.equal(await message, 'hello');
  assert.equal(counts.count(), 1);
  attachment.close();
  assert.deepEqual(present(), NOTHING);
  await closed(socket);
  assert.equal(openDescriptors().length, before);
}

const skip = missing === undefined ? false : `the kernel has no module ${missing}`;

test('a filter sees packets, also on kernels without tokens', {
  skip: skip || needsRoot().skip,
}, async () => {
  const other = await otherNamespace();
  await other.inside(filters);
  await other.close();
});

test('classic traffic control under a token', { skip }, async (t) => {
  await runWithToken(
    t,
    'filters run by priority, and only their own are removed',
    'any',
    async () => {
      using first = counter('sched_cls', { result: -1, name: 'first' });
      using drops = counter('sched_cls', { result: DROP, name: 'drops' });
      using never = counter('sched_cls', { result: PASS, name: 'never' });
      using sends = counter('sched_cls', { result: PASS, name: 'sends' });
      const socket = await udpSocket();
      const { port } = socket.address();
      const one = attachTc(never.program, { ...INGRESS, priority: 30 });
      const two = attachTc(drops.program, { ...INGRESS, priority: 20 });
      const three = attachTc(first.program, { ...INGRESS, priority: 10, handle: 0xffff_ffff });
      const four = attachTc(sends.program, { interface: interfaceIndex('lo'), direction: 'egress' });
      await sendTo(port, 'dropped');
      assert.deepEqual(
        [first, drops, never, sends].map((each) => each.count()),
        [1, 1, 0, 1],
      );
      const shown = tc('filter', 'show', 'dev', 'lo', 'ingress');
      if (shown !== undefined) {
        const line = /^filter protocol all pref 20 bpf chain 0 handle 0x1 drops direct-action.* id (\d+)/m;
        assert.equal(Number(line.exec(shown)?.[1]), idOf(drops.program), shown);
      }
      assert.deepEqual(present(), {
        kind: 'clsact',
        ingress: [
          [10, 0xffff_ffff, idOf(first.program)],
          [20, 1, idOf(drops.program)],
          [30, 1, idOf(never.program)],
        ],
        egress: [[49152, 1, idOf(sends.program)]],
      });
      // The one that made clsact goes first: it stays until the last one is closed.
      one.close();
      two.close();
      const next = nextMessage(socket);
      await sendTo(port, 'arrives');
      assert.equal(await next, 'arrives');
      assert.deepEqual(
        [first, drops, never, sends].map((each) => each.count()),
        [2, 1, 0, 2],
      );
      three.close();
      assert.deepEqual(present().ingress, []);
      assert.equal(present().kind, 'clsact');
      four.close();
      assert.deepEqual(present(), NOTHING);
      await closed(socket);
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'clsact of somebody else stays, and so do filters of others',
    'any',
    () => {
      using mine = counter('sched_cls', { name: 'mine' });
      using other = counter('sched_cls', { name: 'other' });
      using socket = new RouteSocket();
      const index = interfaceIndex('lo');
      assert.equal(addClsact(socket, index, LOOK), true);
      assert.equal(addClsact(socket, index, LOOK), false);
      attachTc(mine.program, INGRESS).close();
      assert.equal(present().kind, 'clsact');

      // Somebody removes the filter, and another one gets its numbers.
      const at = { ...INGRESS, priority: 5, handle: 1 };
      const attachment = attachTc(mine.program, at);
      if (tc('filter', 'del', 'dev', 'lo', 'ingress', 'pref', '5') !== undefined) {
        const replacement = attachTc(other.program, at);
        attachment.close();
        assert.deepEqual(present().ingress, [[5, 1, idOf(other.program)]]);
        tc('qdisc', 'del', 'dev', 'lo', 'clsact');
        replacement.close();
      }
      attachment.close();
      if (tc('qdisc', 'add', 'dev', 'lo', 'ingress') !== undefined) {
        using _filter = attachTc(mine.program, INGRESS);
        assert.throws(() => attachTc(mine.program, { interface: 'lo', direction: 'egress' }), {
          code: 'EEXIST',
          message:
            'Cannot attach program "mine" (sched_cls) to egress of network interface lo: EEXIST: the queueing discipline "ingress" is in the place of clsact, and has no filters for what is sent: remove it: tc qdisc del dev lo ingress',
        });
      }
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'what is refused says why, with the words of the kernel, and leaves nothing',
    'any',
    () => {
      using it = counter('sched_cls', { name: 'it' });
      using xdp = counter('xdp', { name: 'it' });
      const before = openDescriptors().length;
      const attach =
        (options: object, program = it.program) =>
        () =>
          attachTc(program, { ...INGRESS, ...options } as TcOptions);
      {
        using _first = attachTc(it.program, { ...INGRESS, priority: 5, handle: 1 });
        assert.throws(attach({ priority: 5, handle: 1 }), {
          code: 'EEXIST',
          syscall: 'sendto',
          message:
            'Cannot attach program "it" (sched_cls) to ingress of network interface lo: EEXIST: the kernel says "Filter already exists": there is a filter with this priority and handle: choose another',
        });
      }
      const closedProgram = counter('sched_cls', { name: 'it' });
      closedProgram.close();
      assert.throws(attach({}, closedProgram.program), { code: 'ERR_BPF_CLOSED' });
      assert.deepEqual(present(), NOTHING);
      assert.throws(attach({ interface: 'nobody0' }), { code: 'ENODEV' });
      assert.throws(
        attach({ direction: 'in' }),
        /attachTc: direction must be "ingress" or "egress", got "in"/,
      );
      assert.throws(attach({ priority: 0 }), {
        name: 'RangeError',
        message: 'attachTc: priority must be an integer from 1 to 65535, got 0',
      });
      assert.throws(attach({ handle: 1n }), {
        name: 'TypeError',
        message: /handle must be a number, got 1n/,
      });
      assert.throws(attach({}, xdp.program), /attachTc: program "it" \(xdp\) is not of type sched_cls/);
      assert.equal(openDescriptors().length, before);
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'a filter that is forgotten is removed',
    'any',
    async () => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      using it = counter('sched_cls', { name: 'it' });
      (() => attachTc(it.program, INGRESS))();
      assert.equal(present().ingress.length, 1);
      while (present().kind !== undefined) {
        collect();
        await new Promise(setImmediate);
      }
    },
    { ...ENVIRONMENT, timeout: 60_000 },
  );

  await runWithEachPermissionRemoved(
    t,
    'filters need CAP_BPF, CAP_NET_ADMIN and these permissions',
    {
      cmds: ['map_create', 'prog_load'],
      maps: ['array'],
      progs: ['sched_cls'],
      attachs: ['cgroup_inet_ingress'],
    },
    filters,
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'in a network namespace of others, CAP_NET_ADMIN is missing',
    'any',
    () => {
      using it = counter('sched_cls', { name: 'it' });
      assert.throws(() => attachTc(it.program, INGRESS), {
        code: 'EPERM',
        message:
          'Cannot attach program "it" (sched_cls) to ingress of network interface lo: EPERM: this process needs CAP_NET_ADMIN in the user namespace that owns the network namespace',
      });
    },
    { capabilities: ['net_admin'] },
  );
});
