import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cli, ebpfTs } from './run.ts';

test('help and version are no errors', async () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  assert.deepEqual(await ebpfTs(['--version']), {
    stdout: `${version}\n`,
    stderr: '',
    status: 0,
    signal: null,
  });
  for (const args of [
    ['--help'],
    ['help'],
    ['token', '--help'],
    ['token', 'run', '--help'],
    ['help', 'token'],
  ]) {
    const { stdout, stderr, status } = await ebpfTs(args);
    assert.match(stdout, /^Usage: ebpf-ts/, args.join(' '));
    assert.deepEqual([stderr, status], ['', 0], args.join(' '));
  }
});

test('a wrong command line is told of on stderr, with exit status 2', async () => {
  const run = (...options: string[]): string[] => ['token', 'run', ...options, '--', 'true'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^Usage: ebpf-ts/],
    [['token'], /^Usage: ebpf-ts token/],
    [['tokn'], /unknown command 'tokn'/],
    [['token', 'stats'], /unknown command 'stats'/],
    [['token', 'status', '--jsn'], /unknown option '--jsn'/],
    [['token', 'status', 'more'], /too many arguments/],
    [['token', 'run'], /missing required argument 'command'/],
    [run('--delegate', 'some'), /Allowed choices are any/],
    [run('--maps', 'hahs'), /^error: Unknown map type "hahs" \(did you mean "hash"/],
    [run('--cmds', '0x1g'), /^error: Unknown .*"0x1g"/],
    [run('--cmds', '0x10000000000000000'), /^error: cmds: 0x10000000000000000 is not a mask/],
    [run('--cap', 'net_admn'), /^error: unknown capability "net_admn" \(did you mean "net_admin"/],
    [['features', 'x'], /too many arguments/],
    [['btf', 'dump', '--c', '--json'], /--c and --json exclude each other/],
  ];
  for (const [args, message] of cases) {
    const { stdout, stderr, status } = await ebpfTs(args);
    assert.match(stderr, message, args.join(' '));
    assert.deepEqual([stdout, status], ['', 2], args.join(' '));
  }
});

test('a reader that goes away ends the command quietly', async () => {
  const child = spawn(process.execPath, [cli, 'features', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  assert.deepEqual([stderr, status], ['', 141]);
});
