// depends on: runtime
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BpfError, bareError, VerifierError } from '../../src/errors/index.ts';
import { attempts } from '../../src/program/attempts.ts';
import { needsLoading } from './needs.ts';

test(
  'programs load while a profiler interrupts this thread more often than they are verified',
  needsLoading(),
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const entry = (layer: string): string => new URL(`../../src/${layer}/index.js`, import.meta.url).href;
    const script = `
    import { Program } from '${entry('program')}';
    import { call, exit, mov, r0 } from '${entry('asm')}';
    const instructions = [...Array.from({ length: 20_000 }, () => call('get_prandom_u32')), mov(r0, 0), exit()];
    Program.loadSync({ type: 'socket_filter', instructions }).close();
    (await Program.load({ type: 'socket_filter', instructions })).close();`;
    const profiler = ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${folder}`];
    execFileSync(process.execPath, [...profiler, '--input-type=module', '-e', script], { stdio: 'pipe' });
    assert.equal(readdirSync(folder).length, 1, 'it was profiled');
  },
);

test('when signals end every attempt, that is what is said', () => {
  const eagain = bareError('load program', { errno: 11, syscall: 'bpf' });
  const steps = attempts(() => 'load program "busy" (xdp)', {});
  steps.next();
  const { value: request } = steps.next({ result: eagain });
  assert.ok(request !== undefined && 'buffer' in request);
  request.buffer.set(new TextEncoder().encode('0: (b7) r0 = 0'));
  assert.throws(
    () => steps.next({ result: eagain }),
    (error) => {
      assert.ok(error instanceof BpfError && !(error instanceof VerifierError));
      assert.equal(error.code, 'EAGAIN');
      assert.match(error.message, /^Cannot load program "busy" \(xdp\): EAGAIN: signals to this thread/);
      return true;
    },
  );
});
