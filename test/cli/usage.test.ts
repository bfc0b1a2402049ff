import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixture } from '../collection/fixture.ts';
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
    [run('--cap', 'net_admn'), /^error: Unknown capability "net_admn" \(did you mean "net_admin"/],
    [['features', 'x'], /too many arguments/],
    [['btf', 'dump', '--c', '--json'], /'--c' cannot be used with option '--json'/],
    [['btf', 'dump', '--base', '/x'], /^error: --base: the types of vmlinux do not build on other types/],
    [
      run('--delegate', 'any', '--cmds', 'map_create'),
      /'--delegate <what>' cannot be used with option '--cmds /,
    ],
    [run('--maps', 'hash', '--delegate', 'any'), /'--delegate <what>' cannot be used with option '--maps /],
    [run('--progs', 'xdp', '--delegate', 'any'), /'--delegate <what>' cannot be used with option '--progs /],
    [
      run('--attachs', 'xdp', '--delegate', 'any'),
      /'--delegate <what>' cannot be used with option '--attachs /,
    ],
    [
      run('--cmds', 'map_create', '--cmds', 'prog_load'),
      /option '--cmds <list>' was already given, as 'map_create'/,
    ],
    [run('--mount', '/a', '--mount', '/b'), /option '--mount <path>' was already given, as '\/a'/],
    [['load', 'x.o', '--pin', '/a', '--pin', '/b'], /'--pin <dir>' was already given/],
    [['load', 'x.o', '--target-btf', 'a', '--target-btf', 'b'], /'--target-btf <file>' was already given/],
    [['inspect', 'F', '--json', '--json'], /option '--json' was already given$/m],
    [['features', '--json', '--json'], /option '--json' was already given$/m],
    [['load', 'F', '--all-programs', '--all-programs'], /option '--all-programs' was already given$/m],
    [['token', 'status', '--drop-caps', '--drop-caps'], /option '--drop-caps' was already given$/m],
    [run('--net', '--net'), /option '--net' was already given$/m],
    [run('--delegate', 'any', '--delegate', 'any'), /option '--delegate <what>' was already given, as 'any'/],
    [['btf', 'dump', '--c', '--c'], /option '--c' was already given$/m],
    [run('--isolate', '--no-net', '--net'), /option '--net' cannot be used with option '--no-net'/],
    [run('--no-net'), /^error: --no-net is for --isolate: /],
    [['btf', 'dump', 'x', '--base', 'a', '--base', 'b'], /'--base <file>' was already given/],
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

const full = existsSync('/dev/full') ? false : 'the kernel has no /dev/full';

/** Runs a command whose stdout or stderr goes to a full device. */
async function withFull(stream: 1 | 2, args: readonly string[]): Promise<[string, number | null]> {
  using nowhere = new FullDevice();
  const stdio = ['ignore', 'pipe', 'pipe'] as ('ignore' | 'pipe' | number)[];
  stdio[stream] = nowhere.fd;
  const child = spawn(process.execPath, [cli, ...args], { stdio });
  let text = '';
  for (const other of [child.stdout, child.stderr]) {
    other?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return [text, status];
}

class FullDevice implements Disposable {
  readonly fd: number = openSync('/dev/full', 'w');

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

test('output that has no place is an error, of every command', { skip: full }, async () => {
  const object = fixture('tiny.el.clang19.o');
  const message = 'error: Cannot write to standard output: ENOSPC: no space is left on its file system\n';
  const commands = [
    ['--help'],
    ['--version'],
    ['token', 'run', '--help'],
    ['token', 'status'],
    ['features', '--json'],
    ['inspect', object],
    ['inspect', '--json', object],
    ['btf', 'dump', object],
    ['btf', 'dump', '--c', object],
  ];
  for (const args of commands) assert.deepEqual(await withFull(1, args), [message, 1], args.join(' '));
});

test('complaints that have no place leave the exit status to tell', { skip: full }, async () => {
  assert.deepEqual(await withFull(2, ['inspect', '/no/such/file']), ['', 1]);
  assert.deepEqual(await withFull(2, ['tokn']), ['', 2]);
  assert.deepEqual(await withFull(2, ['token', 'run', '--maps', 'hahs', '--', 'true']), ['', 2]);
});
