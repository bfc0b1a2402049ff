import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseMountinfo, readMountinfo, visibleMounts } from '../../../src/sys/index.ts';

/** A cgroup for one test. */
export interface OwnCgroup {
  readonly path: string;
  [Symbol.dispose](): void;
}

let made = 0;

/** Makes a cgroup. Skips the test if there is no hierarchy to make it in. */
export function ownCgroup(t: { skip(reason: string): void }): OwnCgroup | undefined {
  const mount = visibleMounts(parseMountinfo(readMountinfo()).mounts).find(
    ({ fsType }) => fsType === 'cgroup2',
  );
  if (mount === undefined) {
    t.skip('no cgroup version 2 hierarchy is mounted');
    return undefined;
  }
  const path = join(mount.mountPoint, `ebpf-ts-${process.pid}-${made++}`);
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmdirSync(path) };
}

/** Waits until it is in its cgroup, then connects to the port, and prints the outcome. */
const CLIENT = `
process.stdin.once('data', () => {
  require('node:net').connect(Number(process.argv[1]), '127.0.0.1')
    .on('connect', function () { console.log('connected'); this.end(); process.stdin.destroy(); })
    .on('error', (error) => { console.log(error.code); process.stdin.destroy(); });
});`;

/** Connects to a TCP port from a process in the cgroup. Returns `connected`, or the error's code. */
async function connectFrom(cgroup: string, port: number): Promise<string> {
  const child = spawn(process.execPath, ['-e', CLIENT, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  writeFileSync(join(cgroup, 'cgroup.procs'), String(child.pid));
  child.stdin.write('go\n');
  await once(child, 'close');
  return output.trim();
}

/** Does the same. Without a port, it connects to a server that accepts the connection. */
export async function tryConnect(cgroup: string, port?: number): Promise<string> {
  if (port !== undefined) return connectFrom(cgroup, port);
  const server = createServer((socket) => socket.end().resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await connectFrom(cgroup, (server.address() as { port: number }).port);
  } finally {
    server.close();
    await once(server, 'close');
  }
}
