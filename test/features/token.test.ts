// depends on: tokens
/**
 * Under narrow tokens, BTF still answers what it can. Everything else is tried, as far as the token permits, or denied.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mapTypes, programTypes } from '../../src/abi/index.ts';
import { TokenError } from '../../src/errors/index.ts';
import {
  type Answer,
  forgetAnswers,
  haveFeature,
  haveHelper,
  haveMapType,
  haveProgramType,
} from '../../src/features/index.ts';
import { kernelBtf } from '../../src/sys/index.ts';
import { runWithToken } from '../../src/testing/index.ts';
import { createToken, releaseTokens } from '../../src/token/index.ts';

after(forgetAnswers);

function missing(answer: Answer): string[] {
  assert.ok(answer.answer === 'denied', answer.answer);
  assert.ok(answer.error instanceof TokenError, String(answer.error));
  return answer.error.missing.map(({ option, name }) => `${option}=${name}`);
}

test('a token for one map type', async (t) => {
  await runWithToken(t, 'tries', { cmds: ['map_create'], maps: ['hash'] }, () => {
    assert.deepEqual(haveMapType('hash', { btf: 'off' }), { answer: 'yes' });
    assert.deepEqual(missing(haveMapType('array', { btf: 'off' })), ['delegate_maps=array']);
    assert.equal(haveMapType('hash', { btf: 'off', token: 'off' }).answer, 'yes', 'remembered');
    forgetAnswers();
    assert.equal(haveMapType('hash', { btf: 'off', token: 'off' }).answer, 'denied');
  });
  await runWithToken(t, 'lets BTF tell', { cmds: ['map_create'], maps: ['hash'] }, (sub) => {
    try {
      kernelBtf();
    } catch (error) {
      return sub.skip(String(error));
    }
    const answers = mapTypes.names.map((type) => haveMapType(type).answer);
    assert.ok(answers.filter((answer) => answer === 'yes').length > 25, answers.join(' '));
    assert.deepEqual(haveProgramType('xdp'), { answer: 'yes' });
    assert.deepEqual(haveFeature('bounded_loops'), { answer: 'yes' });
  });
});

test('a token for one program type', async (t) => {
  const delegation = {
    cmds: ['prog_load'],
    progs: ['socket_filter'],
    attachs: ['cgroup_inet_ingress'],
  } as const;
  await runWithToken(t, 'with CAP_BPF', delegation, () => {
    assert.deepEqual(haveProgramType('socket_filter', { btf: 'off' }), { answer: 'yes' });
    assert.deepEqual(missing(haveProgramType('sk_reuseport', { btf: 'off' })), [
      'delegate_progs=sk_reuseport',
      'delegate_attachs=sk_reuseport_select',
    ]);
    assert.deepEqual(haveHelper('socket_filter', 'map_lookup_elem'), { answer: 'yes' });
    const hidden = haveHelper('socket_filter', 'get_current_task');
    assert.ok(hidden.answer === 'denied' && hidden.error instanceof TokenError);
    assert.deepEqual(hidden.error.capabilities, ['perfmon']);
    assert.deepEqual(haveFeature('isa_v3', { btf: 'off' }), { answer: 'yes' });
    assert.equal(haveFeature('bounded_loops', { btf: 'off' }).answer, 'denied');
  });
  await runWithToken(
    t,
    'with CAP_PERFMON',
    delegation,
    () => {
      assert.deepEqual(haveHelper('socket_filter', 'get_current_task'), { answer: 'yes' });
      assert.deepEqual(haveHelper('socket_filter', 'xdp_adjust_head'), { answer: 'no' });
    },
    { capabilities: ['perfmon'] },
  );
});

test("a token of one's own, and one that is mandatory", async (t) => {
  await runWithToken(t, 'inside', { cmds: ['map_create'], maps: ['hash'] }, () => {
    const token = createToken();
    assert.deepEqual(haveMapType('hash', { btf: 'off', token }), { answer: 'yes' });
    assert.deepEqual(missing(haveMapType('array', { btf: 'off', token })), ['delegate_maps=array']);
    token.close();
    assert.throws(() => haveMapType('array', { btf: 'off', token }), { name: 'ClosedError' });

    forgetAnswers();
    process.env.LIBBPF_BPF_TOKEN_PATH = '/nonexistent';
    releaseTokens();
    const answer = haveMapType('hash', { btf: 'off' });
    assert.ok(answer.answer === 'denied');
    assert.match(answer.error.message, /LIBBPF_BPF_TOKEN_PATH/);
  });
});

test('no token at all', async (t) => {
  await runWithToken(t, 'everything tried is denied, nothing missing', {}, () => {
    for (const type of programTypes.names) {
      const { answer } = haveProgramType(type, { btf: 'off' });
      // Before the kernel looks at permissions, it refuses numbers that are not a type.
      if (['socket_filter', 'xdp', 'kprobe'].includes(type)) assert.equal(answer, 'denied', type);
      assert.notEqual(answer, 'yes', type);
    }
    assert.equal(haveFeature('map_names', { btf: 'off' }).answer, 'denied');
    assert.deepEqual(haveFeature('tokens', { btf: 'off' }), { answer: 'yes' });
  });
});
