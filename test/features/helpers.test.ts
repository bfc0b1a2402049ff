// depends on: kernel
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TokenError } from '../../src/errors/index.ts';
import { forgetAnswers, haveHelper } from '../../src/features/index.ts';
import { needsRoot, withOnly } from './privileges.ts';

after(forgetAnswers);

test('helpers belong to program types', needsRoot(), () => {
  for (const options of [{}, { btf: 'off' }] as const) {
    assert.deepEqual(haveHelper('xdp', 'xdp_adjust_head', options), { answer: 'yes' });
    assert.deepEqual(haveHelper('socket_filter', 'xdp_adjust_head', options), { answer: 'no' });
    assert.deepEqual(haveHelper('socket_filter', 'map_lookup_elem', options), { answer: 'yes' });
    assert.deepEqual(haveHelper('cgroup_sock_addr', 'bind', options), { answer: 'yes' });
  }
});

test('a number that no kernel has is no helper', needsRoot(), () => {
  assert.deepEqual(haveHelper('xdp', 'unspec', { btf: 'off' }), { answer: 'no' });
});

test(
  'what the verifier hides from the caller is denied, and says which capability shows it',
  needsRoot(),
  () => {
    const answer = withOnly(['bpf'], () => haveHelper('socket_filter', 'get_current_task'));
    assert.ok(answer.answer === 'denied');
    assert.match(answer.error.message, /^Cannot find out about helper get_current_task .*CAP_PERFMON$/);
    assert.ok(answer.error instanceof TokenError);
    assert.deepEqual(answer.error.capabilities, ['perfmon']);
    assert.deepEqual(haveHelper('socket_filter', 'get_current_task'), { answer: 'yes' });
  },
);

test('what depends on more than the type is unknown', needsRoot(), () => {
  assert.equal(haveHelper('ext', 'map_lookup_elem').answer, 'unknown');
  assert.equal(haveHelper('struct_ops', 'map_lookup_elem').answer, 'unknown');
});

test('a helper of functions traced is not missing where the kernel refuses to trace', needsRoot(), () => {
  assert.notEqual(haveHelper('tracing', 'map_lookup_elem').answer, 'no');
});

test('arguments are checked', () => {
  assert.throws(() => haveHelper('xdp', 'map_lookup' as 'map_lookup_elem'), {
    name: 'TypeError',
    message: /"map_lookup_elem"/,
  });
});
