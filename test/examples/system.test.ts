// depends on: newest kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownCgroup, tryConnect } from '../link/network/cgroup-support.ts';
import { needsRoot } from '../link/support.ts';
import { runExample } from './run-example.ts';

/** Mounts tracefs where only the example sees it. */
const WITH_TRACEFS = ['unshare', '-m', 'sh', '-c', 'mount -t tracefs tracefs "$0" && exec "$@"'];

test('execve tells of a program that is started', needsRoot(), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-execve-'));
  try {
    const example = runExample('execve', [], [...WITH_TRACEFS, folder]);
    await example.started('waiting for programs');
    // No other program has this name.
    const path = join(folder, 'started-by-the-test');
    symlinkSync('/bin/true', path);
    spawnSync(path);
    const line = await example.line((text) => text.endsWith(`-> ${path}`));
    const { status, errors } = await example.stop();
    assert.deepEqual([errors, status], ['', 0]);
    assert.match(line ?? '', /^pid \d+ uid 0 \S+ -> /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('cgroup-connect refuses connections from the cgroup to the ports named', needsRoot(), async (t) => {
  using cgroup = ownCgroup(t);
  if (cgroup === undefined) return;
  const server = createServer((socket) => socket.end().resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    const example = runExample('cgroup-connect', [cgroup.path, String(port)]);
    await example.started('refusing');
    assert.equal(await tryConnect(cgroup.path, port), 'EPERM');
    assert.equal(await tryConnect(cgroup.path, port), 'EPERM');
    assert.equal(await tryConnect(cgroup.path), 'connected', 'to another port');
    const { rest, status, errors } = await example.stop();
    assert.deepEqual([errors, status], ['', 0]);
    assert.deepEqual(rest, [`port ${port}: 2 refused`]);
    assert.equal(await tryConnect(cgroup.path, port), 'connected', 'when the example has ended');
  } finally {
    server.close();
    await once(server, 'close');
  }
});

test('fentry-latency measures a kernel function', needsRoot(), async (t) => {
  const example = runExample('fentry-latency', ['do_nanosleep']);
  const started = await example.line((line) => line.startsWith('measuring do_nanosleep'));
  if (started === undefined) {
    const { errors } = await example.stop();
    const refused =
      /BpfError\]?: (.*EPERM.*|.*ENOTSUPP.*)/.exec(errors)?.[1] ?? /TokenError\]?: (.*)/.exec(errors)?.[1];
    assert.ok(refused !== undefined, errors);
    return t.skip(`this kernel refuses: ${refused}`);
  }
  for (let n = 0; n < 3; n++) spawnSync('sleep', ['0.01']);
  const { rest, status, errors } = await example.stop();
  assert.deepEqual([errors, status], ['', 0]);
  const calls = rest.map((line) => /^ *(\d+) ns +(\d+) \*+$/.exec(line));
  // 10 ms are at least 2^23 ns.
  const long = calls.filter((match) => Number(match?.[1]) >= 2 ** 23);
  assert.ok(long.reduce((sum, match) => sum + Number(match?.[2]), 0) >= 3, rest.join('\n'));
});
