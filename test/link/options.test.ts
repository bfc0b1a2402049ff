import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as links from '../../src/link/index.ts';
import type { Program } from '../../src/program/index.ts';
import { counter, needsRoot } from './support.ts';

const attachments: Record<string, (program: Program, options: never) => unknown> = {
  attachCgroup: links.attachCgroup,
  attachFlowDissector: links.attachFlowDissector,
  attachIterator: links.attachIterator,
  attachKprobe: links.attachKprobe,
  attachKprobeMulti: links.attachKprobeMulti,
  attachKsyscall: links.attachKsyscall,
  attachLirc: links.attachLirc,
  attachNetfilter: links.attachNetfilter,
  attachNetkit: links.attachNetkit,
  attachPerfEvent: links.attachPerfEvent,
  attachRawTracepoint: links.attachRawTracepoint,
  attachReuseport: links.attachReuseport,
  attachSkLookup: links.attachSkLookup,
  attachSocketFilter: links.attachSocketFilter,
  attachSockmap: links.attachSockmap,
  attachTc: links.attachTc,
  attachTcx: links.attachTcx,
  attachTracepoint: links.attachTracepoint,
  attachTracing: links.attachTracing,
  attachTracingMulti: links.attachTracingMulti,
  attachUprobe: links.attachUprobe,
  attachUprobeMulti: links.attachUprobeMulti,
  attachUsdt: links.attachUsdt,
  attachXdp: links.attachXdp,
};

test('every function that attaches refuses options it does not know', needsRoot(), () => {
  const all = Object.keys(links).filter((name) => /^attach[A-Z]/.test(name));
  assert.deepEqual(Object.keys(attachments), all.sort(), 'all are tried');
  using runs = counter('raw_tracepoint');
  for (const [name, attach] of Object.entries(attachments)) {
    assert.throws(() => attach(runs.program, { nonsense: 1 } as never), {
      name: 'TypeError',
      message: `${name}: unknown option "nonsense"`,
    });
  }
});

test('a link refuses options it does not know, by the nearest known name', needsRoot(), () => {
  using runs = counter('raw_tracepoint');
  using link = links.attachRawTracepoint(runs.program, { name: 'sched_process_exec' });
  assert.throws(() => link.update(runs.program, { expcted: runs.program } as object), {
    name: 'TypeError',
    message: 'link.update: unknown option "expcted" (did you mean "expected"?)',
  });
  for (const [program, shown] of [
    [undefined, 'undefined'],
    [{}, 'an object'],
    [{ fd: 3 }, 'an object'],
  ]) {
    const refused = (what: string) => ({
      name: 'TypeError',
      message: `link.update: ${what} must be a Program, got ${shown}`,
    });
    assert.throws(() => link.update(program as never), refused('program'));
    if (program === undefined) continue;
    assert.throws(() => link.update(runs.program, { expected: program as never }), refused('expected'));
  }
});

test('opening a link has no options', () => {
  const open = links.Link as unknown as Record<string, (what: unknown, options: unknown) => unknown>;
  for (const name of ['fromId', 'fromPinned', 'fromFd']) {
    assert.throws(() => open[name]?.(1, { access: 'read' }), {
      name: 'TypeError',
      message: `Link.${name}: unknown option "access"`,
    });
  }
});

test('numbers are checked before the kernel sees them, by the option’s name', needsRoot(), () => {
  using raw = counter('raw_tracepoint');
  using probe = counter('kprobe');
  using event = counter('perf_event');
  using cgroup = counter('cgroup_skb', { attachType: 'cgroup_inet_egress', result: 1 });
  using lookup = counter('sk_lookup', { attachType: 'sk_lookup', result: 1 });
  using filter = counter('netfilter', { attachType: 'netfilter', result: 1 });
  const priority = (value: unknown) => () =>
    links.attachNetfilter(filter.program, { family: 'ipv4', hook: 'local_in', priority: value as number });
  const refusals: readonly (readonly [() => unknown, string, string])[] = [
    [priority(1n), 'TypeError', 'attachNetfilter: priority must be a number, got 1n'],
    [
      priority(-(2 ** 31)),
      'RangeError',
      'attachNetfilter: priority must be an integer from -2147483647 to 2147483646, got -2147483648',
    ],
    [
      () => links.attachRawTracepoint(raw.program, { name: 'sys_enter', cookie: -1n }),
      'RangeError',
      'attachRawTracepoint: cookie must be between 0 and 2^64 - 1, got -1',
    ],
    [
      () => links.attachUprobe(probe.program, { path: '/bin/true', offset: 64, cookie: 1n << 64n }),
      'RangeError',
      'attachUprobe: cookie must be between 0 and 2^64 - 1, got 18446744073709551616',
    ],
    [
      () => links.attachUprobeMulti(probe.program, { path: '/bin/true', places: [64], cookies: [-1n] }),
      'RangeError',
      'attachUprobeMulti: cookies[0] must be between 0 and 2^64 - 1, got -1',
    ],
    [
      () => links.attachUprobeMulti(probe.program, { path: 7 as never, places: ['main'] }),
      'TypeError',
      'attachUprobeMulti: path must be a string, got 7',
    ],
    [
      () => links.attachKprobe(probe.program, { function: 'do_nanosleep', offset: 1.5 }),
      'RangeError',
      'attachKprobe: offset must be a whole number of bytes, got 1.5',
    ],
    [
      () => links.attachPerfEvent(event.program, { event: 'cpu_clock', cpu: 0, period: '5' as never }),
      'TypeError',
      'attachPerfEvent: period must be a number or a bigint, got "5"',
    ],
    [
      () => links.attachPerfEvent(event.program, { event: 'cpu_clock', cpu: 0, frequency: 1.5 }),
      'RangeError',
      'attachPerfEvent: frequency must be a whole number from 0 to 2^53 - 1, or a bigint, got 1.5',
    ],
    [
      () => links.attachRawTracepoint(raw.program, { name: 'sys_enter', cookie: 2 ** 53 }),
      'RangeError',
      'attachRawTracepoint: cookie must be a whole number from 0 to 2^53 - 1, or a bigint, got 9007199254740992',
    ],
    [
      () => links.attachPerfEvent(event.program, { event: { type: 1, confg: 0n } as never, cpu: 0 }),
      'TypeError',
      'attachPerfEvent: event: unknown option "confg" (did you mean "config"?)',
    ],
    [
      () => links.attachCgroup(cgroup.program, { cgroup: undefined as never }),
      'TypeError',
      'attachCgroup: cgroup must be a path, an Fd or the number of a descriptor, got undefined',
    ],
    [
      () => links.attachSkLookup(lookup.program, { namespace: 5 as never }),
      'TypeError',
      'attachSkLookup: namespace must be a path or an Fd, got 5',
    ],
  ];
  for (const [attach, name, message] of refusals) assert.throws(attach, { name, message });
});
