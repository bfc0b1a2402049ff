// depends on: kernel
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { programTypes } from '../../src/abi/index.ts';
import { exit, mov, r0 } from '../../src/asm/index.ts';
import { forgetAnswers, haveAttachType, haveProgramType } from '../../src/features/index.ts';
import { programAttr } from '../../src/features/program-probes.ts';
import { judgeProgram } from '../../src/features/program-types.ts';
import { tryProgram } from '../../src/features/trial.ts';
import { needsRoot, withOnly } from './privileges.ts';

after(forgetAnswers);

test('types that every kernel has are there', needsRoot(), () => {
  for (const type of ['socket_filter', 'xdp', 'sched_cls', 'syscall'] as const) {
    assert.deepEqual(haveProgramType(type), { answer: 'yes' }, type);
    assert.deepEqual(haveProgramType(type, { btf: 'off' }), { answer: 'yes' }, type);
  }
});

test('a number that no kernel has is no program type, with the attributes of any type', needsRoot(), () => {
  for (const type of programTypes.names) {
    const outcome = tryProgram({ ...programAttr(type), prog_type: 4000 }, [mov(r0, 0), exit()], 'off');
    assert.deepEqual(judgeProgram(outcome), { answer: 'no' }, type);
  }
});

test('a number that no kernel has is no attach type where loading checks it', needsRoot(), () => {
  for (const type of ['cgroup_sock', 'cgroup_sock_addr', 'cgroup_sockopt', 'sk_lookup'] as const) {
    const attr = { ...programAttr(type), expected_attach_type: 4000 };
    assert.deepEqual(judgeProgram(tryProgram(attr, [mov(r0, 1), exit()], 'off')), { answer: 'no' }, type);
  }
});

test('tracing, lsm and freplace are not missing where the kernel refuses to load them', needsRoot(), () => {
  for (const type of ['tracing', 'lsm', 'ext'] as const) {
    const tried = haveProgramType(type, { btf: 'off' });
    if (haveProgramType(type).answer !== 'yes') continue;
    assert.ok(tried.answer === 'yes' || tried.answer === 'denied', `${type}: ${tried.answer}`);
  }
});

test('a type that takes one more capability is denied, and the error names it', needsRoot(), () => {
  const answer = withOnly(['bpf'], () => haveProgramType('sched_act', { btf: 'off' }));
  assert.ok(answer.answer === 'denied');
  assert.match(answer.error.message, /CAP_NET_ADMIN/);
});

test('what only BTF could tell is unknown without it', needsRoot(), () => {
  const answer = haveAttachType('xdp_devmap', { btf: 'off' });
  assert.ok(answer.answer === 'unknown');
  assert.match(answer.cause.message, /^Cannot find out about attach type xdp_devmap: /);
});

test('arguments are checked', () => {
  assert.throws(() => haveProgramType('xpd' as 'xdp'), { name: 'TypeError', message: /"xdp"/ });
  assert.throws(() => haveAttachType('tcx_ingres' as 'tcx_ingress'), {
    name: 'TypeError',
    message: /"tcx_ingress"/,
  });
});
