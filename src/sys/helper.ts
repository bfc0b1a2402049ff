import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readKernelFile } from './kernel-file.ts';

/** A bpffs mount that the helper makes. */
export interface HelperMount {
  readonly path: string;
  /** Options for fsconfig(2), set with the caller's privileges. */
  readonly options: Readonly<Record<string, string>>;
}

/** What the helper program does before it runs something; every decision is the caller's. */
export interface HelperRequest {
  readonly mounts: readonly HelperMount[];
  /** Capabilities the program is left with: effective, permitted, inheritable, ambient and bounding. */
  readonly keep?: bigint | undefined;
  /** New namespaces: what is written to the `uid_map` and `gid_map` of the process. */
  readonly uidMap?: string | undefined;
  readonly gidMap?: string | undefined;
  /** Gives setgroups(2) up for the namespace, as an unprivileged gid map demands. */
  readonly denySetgroups?: boolean | undefined;
  /** A network namespace too, with its loopback device up. */
  readonly net?: boolean | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly argv0?: string | undefined;
  /** Instead of new namespaces: mount in those of this process, and run nothing. */
  readonly enter?: number | undefined;
}

/** The step at which the helper failed. */
export interface HelperFailure {
  readonly stage: string;
  readonly errno: number;
  readonly detail: string;
}

/** What the caller of the helper decides. */
export interface HelperEvents {
  /**
   * Everything is in place in process `pid`: whether the program may start. `devices` are the file systems'
   * major:minor, in the order of the mounts, as mountinfo shows them.
   */
  readonly mounted: (pid: number, devices: readonly string[]) => boolean;
  readonly failed: (failure: HelperFailure) => void;
  /** The helper is done: nothing of it is left. */
  readonly closed?: () => void;
}

const PROGRAM = fileURLToPath(new URL(`../../native/ebpf-ts-ns.linux-${process.arch}`, import.meta.url));

/** Where the helper program is: always inside the package. */
export function helperProgram(): string {
  return PROGRAM;
}

function helperArguments(request: HelperRequest, control: number): string[] {
  const words = [`--control=${control}`];
  if (request.enter !== undefined) words.push(`--enter=${request.enter}`);
  if (request.net === true) words.push('--net');
  if (request.denySetgroups === true) words.push('--deny-setgroups');
  if (request.uidMap !== undefined) words.push(`--uid-map=${request.uidMap}`);
  if (request.gidMap !== undefined) words.push(`--gid-map=${request.gidMap}`);
  if (request.uid !== undefined) words.push(`--uid=${request.uid}`);
  if (request.gid !== undefined) words.push(`--gid=${request.gid}`);
  if (request.argv0 !== undefined) words.push(`--argv0=${request.argv0}`);
  words.push(`--keep=${(request.keep ?? 0n).toString(16)}`);
  for (const { path, options } of request.mounts) {
    words.push(`--mount=${path}`);
    for (const [key, value] of Object.entries(options)) words.push(`--option=${key}=${value}`);
  }
  return words;
}

/** The caller's stdio with a socket behind it; stdio 0 to 2 default to pipes, as spawn() has it. */
function withControl(stdio: StdioOptions | undefined): unknown[] {
  const own: unknown[] = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio];
  while (own.length < 3) own.push(undefined);
  return [...own.map((entry, index) => entry ?? (index < 3 ? 'pipe' : 'ignore')), 'pipe'];
}

function listen(control: Duplex, events: HelperEvents): void {
  let text = '';
  control.setEncoding('utf8');
  control.on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [kind, first = '', second = '', ...rest] = line.split(' ');
      if (kind === 'mounted') {
        control.write(events.mounted(Number(first), [second, ...rest]) ? 'go\n' : 'abort\n');
      } else if (kind === 'error') {
        events.failed({ stage: first, errno: Number(second), detail: rest.join(' ') });
      }
    }
  });
  // A helper that was killed leaves a reset connection: its end is told by the exit status.
  control.on('error', () => {});
  if (events.closed !== undefined) control.once('close', events.closed);
}

/**
 * Starts the helper program. The process that is returned stands for the program: it passes on signals and
 * ends as the program ends, and by then nothing that the program started is left.
 *
 * @param command - the program and its arguments; left out when entering a running process's namespaces
 */
export function startHelper(
  command: readonly string[],
  request: HelperRequest,
  options: SpawnOptions,
  events: HelperEvents,
): ChildProcess {
  const stdio = withControl(options.stdio);
  const words = [...helperArguments(request, stdio.length - 1), '--', ...command];
  const child = spawn(PROGRAM, words, { ...options, stdio: stdio as StdioOptions });
  // The socket is not the caller's: only what it asked for stays in the list.
  const control = (child.stdio as unknown as (Duplex | null)[]).pop();
  if (control) listen(control, events);
  return child;
}

/** The id map of a user namespace: `uid_map` or `gid_map` of a process. Entries are inside, outside, count. */
export function readIdMap(kind: 'uid' | 'gid', pid: number | 'self' = 'self'): [number, number, number][] {
  return readKernelFile(`read which ${kind}s process ${pid} has`, `/proc/${pid}/${kind}_map`)
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
      return [inside, outside, count];
    });
}
