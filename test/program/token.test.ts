// depends on: tokens, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { r0, r2 } from '../../src/asm/index.ts';
import { BtfBuilder } from '../../src/btf/index.ts';
import { Btf } from '../../src/btf-object/index.ts';
import { TokenError, VerifierError } from '../../src/errors/index.ts';
import { Program, type ProgramOptions } from '../../src/program/index.ts';
import { runWithToken, withCapabilities } from '../../src/testing/index.ts';
import { needsLoading } from './needs.ts';

const RETURN_7 = [asm.mov(r0, 7), asm.exit()];
const FILTER: ProgramOptions = { type: 'socket_filter', name: 'seven', instructions: RETURN_7 };

async function refusal(options: ProgramOptions): Promise<Error> {
  const errors: unknown[] = [];
  await Program.load(options).then(
    (program) => program.close(),
    (error) => errors.push(error),
  );
  try {
    Program.loadSync(options).close();
  } catch (error) {
    errors.push(error);
  }
  const [asynchronous, synchronous] = errors;
  assert.ok(asynchronous instanceof Error && synchronous instanceof Error, 'the program loaded');
  assert.equal(asynchronous.message, synchronous.message);
  return synchronous;
}

test('programs under a token', async (t) => {
  const delegation = {
    cmds: ['prog_load', 'btf_load'],
    progs: ['socket_filter'],
    attachs: ['cgroup_inet_ingress'],
  } as const;

  await runWithToken(t, 'load both ways, and run', delegation, async () => {
    for (const program of [Program.loadSync(FILTER), await Program.load(FILTER)]) {
      assert.equal(program.testRun({ data: new Uint8Array(64) }).returnValue, 7);
      assert.equal(program.info().verifiedInstructions, 2);
      assert.deepEqual(
        program.instructions(),
        [],
        'not to be seen without capabilities in the initial namespace',
      );
      program.close();
    }
    Btf.load(intType()).close();
  });

  await runWithToken(t, 'are refused with the permission that is missing', delegation, async () => {
    const error = await refusal({ ...FILTER, type: 'sk_reuseport' });
    assert.ok(error instanceof TokenError);
    assert.deepEqual(
      error.missing.map(({ option, name }) => `${option}=${name}`),
      ['delegate_progs=sk_reuseport', 'delegate_attachs=sk_reuseport_select'],
    );
  });

  await runWithToken(t, 'are refused by the verifier with its log, which grows', delegation, async () => {
    const calls = Array.from({ length: 2000 }, () => asm.call('get_prandom_u32'));
    const error = await refusal({ ...FILTER, instructions: [...calls, asm.mov(r0, r2), asm.exit()] });
    assert.ok(error instanceof VerifierError, String(error));
    assert.ok(error.log.length > 64 * 1024);
    assert.equal(error.truncated, false);
    assert.match(error.message, /R2 !read_ok/);
  });

  await runWithToken(t, 'may not call what needs another capability', delegation, async () => {
    // This does not depend on the token: the verifier itself asks for CAP_PERFMON.
    const instructions = [asm.call('get_current_task'), asm.mov(r0, 0), asm.exit()];
    const error = await refusal({ ...FILTER, instructions, license: 'GPL' });
    assert.ok(error instanceof VerifierError, String(error));
    assert.match(error.message, /bpf_get_current_task#35/);
  });

  await runWithToken(t, 'do not load with the token turned off', delegation, async () => {
    const error = await refusal({ ...FILTER, token: 'off' });
    assert.ok(error instanceof TokenError);
    assert.throws(() => Btf.load(intType(), { token: 'off' }), TokenError);
  });
});

function intType(): BtfBuilder {
  const types = new BtfBuilder();
  types.int('int', 4, 'signed');
  return types;
}

test('without capabilities and tokens the error names what is missing', needsLoading(), () => {
  const refused = (options: ProgramOptions): unknown =>
    withCapabilities([], () => {
      try {
        return Program.loadSync(options).close();
      } catch (error) {
        return error;
      }
    });
  const error = refused({ ...FILTER, type: 'xdp' });
  assert.ok(error instanceof TokenError, String(error));
  assert.equal(error.code, 'EPERM');
  assert.match(error.message, /^Cannot load program "seven" \(xdp\): EPERM: .*CAP_BPF/);
});
