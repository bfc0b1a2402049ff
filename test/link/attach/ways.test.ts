import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ProgramType, programTypes } from '../../../src/abi/index.ts';
import { wayOf } from '../../../src/link/attach/ways.ts';
import type { Program } from '../../../src/program/index.ts';
import { parseSectionName, sectionKinds } from '../../../src/sections/index.ts';

/** The parts of a program that say how it is attached. */
function programOf(section: string): Program {
  const { kind, attachTo } = parseSectionName(section) ?? {};
  return { type: kind?.type, attachType: kind?.attachType, section, attachTo } as Program;
}

/** The kinds that are not attached, because something else runs them or holds them. */
const NOT_ATTACHED = /^(syscall|struct_ops(\.s)?|xdp(\.frags)?\/(devmap|cpumap)|action|lwt_.*)$/;

for (const { name } of sectionKinds()) {
  test(`SEC("${name}") has a way to be attached, or a reason why not`, () => {
    const way = wayOf(programOf(name));
    assert.equal('reason' in way, NOT_ATTACHED.test(name), JSON.stringify(way));
    if ('reason' in way) assert.doesNotMatch(way.reason, /are not attached$/, 'it says what to do instead');
  });
}

test('so has every type of program that the kernel knows', () => {
  const without = programTypes.names.filter((type: ProgramType) => {
    const way = wayOf({ type, attachType: undefined, section: undefined } as Program);
    return 'reason' in way && /are not attached$/.test(way.reason);
  });
  // The first is no type, the second was removed before it was finished.
  assert.deepEqual(without, ['unspec']);
});

/** The functions that attach the programs of these sections. */
const FUNCTIONS: { readonly [name: string]: RegExp } = {
  attachCgroup: /^(cgroup(_skb)?\/.*|sockops|lsm_cgroup)$/,
  attachFlowDissector: /^flow_dissector$/,
  attachIterator: /^iter(\.s)?$/,
  attachKprobe: /^k(ret)?probe$/,
  attachKprobeMulti: /^k(ret)?probe\.(multi|session)$/,
  attachKsyscall: /^k(ret)?syscall$/,
  attachLirc: /^lirc_mode2$/,
  attachNetfilter: /^netfilter$/,
  attachNetkit: /^netkit\//,
  attachPerfEvent: /^perf_event$/,
  attachRawTracepoint: /^raw_(tp|tracepoint)(\.s|\.w)?$/,
  attachReuseport: /^sk_reuseport/,
  attachSkLookup: /^sk_lookup$/,
  attachSocketFilter: /^socket$/,
  attachSockmap: /^sk_(skb|msg)/,
  attachTcx: /^(tcx?(\/.*)?|classifier)$/,
  attachTracepoint: /^(tp|tracepoint)(\.s)?$/,
  attachTracing: /^(tp_btf|fentry|fexit|fmod_ret|fsession|lsm|freplace)(\.s)?$/,
  attachTracingMulti: /^f(entry|exit|session)\.multi(\.s)?$/,
  attachUprobe: /^u(ret)?probe(\.s)?$/,
  attachUprobeMulti: /^u(ret)?probe\.(multi|session)(\.s)?$/,
  attachUsdt: /^usdt(\.s)?$/,
  attachXdp: /^xdp(\.frags)?$/,
};

for (const { name } of sectionKinds()) {
  const way = wayOf(programOf(name));
  if ('reason' in way) continue;
  test(`SEC("${name}") is attached by the function for its kind`, () => {
    const [expected] = Object.entries(FUNCTIONS).find(([, pattern]) => pattern.test(name)) ?? [];
    // Each function names itself when it refuses an option.
    assert.throws(() => way.attach(programOf(name), { nonsense: 1 }), {
      name: 'TypeError',
      message: `${expected}: unknown option "nonsense"`,
    });
  });
}
