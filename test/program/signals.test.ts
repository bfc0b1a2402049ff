// depends on: runtime
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
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
