import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachTypes, programTypes } from '../../src/abi/index.ts';
import { nearSectionNames, parseSectionName, sectionKinds } from '../../src/sections/index.ts';

test('every section kind has a type and an attach type that exist, and a name of its own', () => {
  for (const { name, type, attachType } of sectionKinds()) {
    assert.ok(programTypes.has(type), `${name}: ${type}`);
    if (attachType !== undefined) assert.ok(attachTypes.has(attachType), `${name}: ${attachType}`);
  }
  assert.equal(new Set(sectionKinds().map(({ name }) => name)).size, sectionKinds().length);
});

const rows: readonly (readonly [string, string, string | undefined, string | undefined, boolean])[] = [
  ['socket', 'socket_filter', undefined, undefined, true],
  ['xdp', 'xdp', 'xdp', undefined, true],
  ['xdp.frags/devmap', 'xdp', 'xdp_devmap', undefined, true],
  ['?tp/syscalls/sys_enter_execve', 'tracepoint', undefined, 'syscalls/sys_enter_execve', false],
  ['fentry.s/do_unlinkat', 'tracing', 'trace_fentry', 'do_unlinkat', true],
  ['uprobe.multi.s//bin/sh:main', 'kprobe', 'trace_uprobe_multi', '/bin/sh:main', true],
  ['cgroup/connect_unix', 'cgroup_sock_addr', 'cgroup_unix_connect', undefined, true],
  ['lsm', 'lsm', 'lsm_mac', undefined, true],
  ['fsession.s/do_unlinkat', 'tracing', 'trace_fsession', 'do_unlinkat', true],
  ['fexit.multi/vfs_*', 'tracing', 'trace_fexit_multi', 'vfs_*', true],
  ['tp.s/syscalls/sys_enter_read', 'tracepoint', undefined, 'syscalls/sys_enter_read', true],
  ['raw_tp.s/sys_enter', 'raw_tracepoint', undefined, 'sys_enter', true],
  ['tp_btf.s/sys_enter', 'tracing', 'trace_raw_tp', 'sys_enter', true],
  ['freplace/', 'ext', undefined, undefined, true],
];

for (const [name, type, attachType, attachTo, autoload] of rows) {
  test(`SEC("${name}")`, () => {
    const found = parseSectionName(name);
    assert.deepEqual(
      [found?.kind.type, found?.kind.attachType, found?.attachTo, found?.autoload],
      [type, attachType, attachTo, autoload],
    );
  });
}

test('names that libbpf gives no meaning are what cilium/ebpf takes them for', () => {
  const taken: Readonly<Record<string, string>> = {
    ...{ 'socket/x': 'socket', socket1: 'socket', socket_filter: 'socket', 'classifier/x': 'classifier' },
    ...{ xdp_pass: 'xdp', 'xdp/foo': 'xdp', '?xdp/foo': 'xdp', 'xdp/devmap/x': 'xdp/devmap' },
    ...{ tc_ingress: 'tc', 'tc/x': 'tc', 'tc/ingress/x': 'tc/ingress', 'action/x': 'action' },
    ...{
      'cgroup/skb/x': 'cgroup/skb',
      'cgroup_skb/egress/x': 'cgroup_skb/egress',
      'cgroup/sock1': 'cgroup/sock',
    },
    ...{ 'cgroup/connect4/x': 'cgroup/connect4', 'sockops/x': 'sockops', sk_skb1: 'sk_skb' },
    ...{ 'sk_reuseport/migrate/x': 'sk_reuseport/migrate', 'sk_reuseport/x': 'sk_reuseport' },
    ...{ 'lwt_in/x': 'lwt_in', 'perf_event/x': 'perf_event', 'flow_dissector/x': 'flow_dissector' },
  };
  for (const [name, kind] of Object.entries(taken)) {
    const found = parseSectionName(name);
    assert.equal(found?.kind.name, kind, name);
    assert.equal(found.attachTo, undefined, name);
    assert.equal(found.autoload, !name.startsWith('?'));
  }
});

test('names that say nothing are told as such, with near ones', () => {
  const nothing = [
    'tc/ingres',
    'xdp.frag',
    'sk_skb/stream_verdic',
    'tcp_helpers',
    'xdpass',
    'kprobe_x',
    'static',
  ];
  for (const name of [...nothing, '', '?', '.text']) assert.equal(parseSectionName(name), undefined, name);
  assert.deepEqual(nearSectionNames('?kprob').slice(0, 1), ['kprobe']);
});
