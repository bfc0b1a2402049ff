import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process';
import { type EventEmitter, errorMonitor } from 'node:events';
import type { Duplex } from 'node:stream';
import { BpfError } from '../errors/index.ts';
import { checkHelperRequest } from './helper-checks.ts';
import { frameFields, HELPER_PROTOCOL, HelperFrames, numberField, protocolError } from './helper-frames.ts';
import type { HelperIsolation, HelperRequest } from './helper-request.ts';
import { explainStartError } from './helper-start-error.ts';
import { readKernelFile } from './kernel-file.ts';

const { fileURLToPath } = process.getBuiltinModule('node:url');

/** The step at which the helper failed. */
export interface HelperFailure {
  readonly stage: string;
  readonly errno: number;
  readonly detail: string;
}

/** Callbacks of the helper's caller. If one of them throws, the error becomes the `error` event of the process. */
export interface HelperEvents {
  /**
   * Called when everything is in place in process `pid`. Returns whether the program may start; it may not if this
   * throws. `devices` has the major:minor of the file systems, in the order of the mounts. `mountinfo` has the lines
   * about them, as that process sees them: its number in /proc may differ from `pid`.
   */
  readonly mounted: (pid: number, devices: readonly string[], mountinfo: Uint8Array) => boolean;
  readonly failed: (failure: HelperFailure) => void;
  /** Called when the helper has ended and nothing of it is left. */
  readonly closed?: (() => void) | undefined;
}

/** The byte at which native/ns/supervisor.c goes on, and one of those at which it stops. */
const GO = 'g';
const STOP = 's';

const PROGRAM = fileURLToPath(new URL(`../../native/ebpf-ts-ns.linux-${process.arch}`, import.meta.url));

/** Where the helper program is: always inside the package. */
export function helperProgram(): string {
  return PROGRAM;
}

function isolationArguments({ places, directory }: HelperIsolation, stdio: readonly unknown[]): string[] {
  const passes = stdio.flatMap((entry, fd) => (fd < 3 || entry === 'ignore' ? [] : [`--pass=${fd}`]));
  return [
    ...['--isolate', `--directory=${directory}`, ...passes],
    ...places.map(({ kind, path }) => `--${kind}=${path}`),
  ];
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

/** The caller's stdio, followed by a socket. As in spawn(), stdio 0 to 2 are pipes by default. */
function withControl(stdio: StdioOptions | undefined): unknown[] {
  const own: unknown[] = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio];
  while (own.length < 3) own.push(undefined);
  return [...own.map((entry, index) => entry ?? (index < 3 ? 'pipe' : 'ignore')), 'pipe'];
}

/** Handles one frame. What this throws becomes the `error` event. */
function hear(frame: Buffer, control: Duplex, events: HelperEvents): void {
  const [kind, ...fields] = frameFields(frame, 4);
  const text = (index: number): string => fields[index]?.toString('utf8') ?? '';
  switch (kind?.toString('latin1')) {
    case 'mounted': {
      const devices = text(1)
        .split(' ')
        .filter((device) => device !== '');
      const pid = numberField(fields[0]);
      let go = false;
      try {
        go = events.mounted(pid, devices, fields[2] ?? new Uint8Array());
      } finally {
        control.write(go ? GO : STOP);
      }
      return;
    }
    case 'error':
      events.failed({ stage: text(0), errno: numberField(fields[1]), detail: text(2) });
      return;
    default:
      throw protocolError(`it sent ${JSON.stringify(kind?.toString('latin1'))}`);
  }
}

/** Emits an error when no code of this library is on the stack, because that throws if there is no listener. */
function report(child: ChildProcess, error: unknown): void {
  process.nextTick(() => child.emit('error', error));
}

function listen(child: ChildProcess, control: Duplex, events: HelperEvents): void {
  const frames = new HelperFrames();
  control.on('data', (chunk: Buffer) => {
    try {
      for (const frame of frames.push(chunk)) hear(frame, control, events);
    } catch (error) {
      // Nothing that follows could be understood either. The helper ends with the connection.
      if (BpfError.is(error) && error.code === HELPER_PROTOCOL) control.destroy();
      report(child, error);
    }
  });
  // A helper that was killed leaves a reset connection: its exit status says how it ended.
  control.on('error', () => {});
  if (events.closed !== undefined) control.once('close', events.closed);
}

/** @returns the process, and this end of its control socket, which is missing if the process could not be started */
function start(
  words: readonly string[],
  stdio: unknown[],
  options: SpawnOptions,
): [ChildProcess, Duplex | undefined] {
  const child = spawn(PROGRAM, words, { ...options, stdio: stdio as StdioOptions });
  (child as EventEmitter).on(errorMonitor, (error: Error) => explainStartError(error, PROGRAM, options.cwd));
  // The caller did not ask for the socket, so it leaves the list. If there are no free descriptors, there is no list.
  const streams = child.stdio as unknown as (Duplex | null)[] | undefined;
  return [child, streams?.pop() ?? undefined];
}

/**
 * Starts the helper program. The process that is returned stands for the program: it passes on signals, and ends as the
 * program ends. By then, nothing that the program started is left. If something goes wrong after the start, that
 * process has an `error` event, and no exception is thrown.
 *
 * @param command - the program and its arguments; left out to enter a running process's namespaces
 * @throws TypeError, RangeError for a request that the helper would not accept
 */
export function startHelper(
  command: readonly string[],
  request: HelperRequest,
  options: SpawnOptions,
  events: HelperEvents,
): ChildProcess {
  checkHelperRequest(request);
  const stdio = withControl(options.stdio);
  const isolation =
    request.isolate === undefined ? [] : isolationArguments(request.isolate, stdio.slice(0, -1));
  const words = [...helperArguments(request, stdio.length - 1), ...isolation, '--', ...command];
  const [child, control] = start(words, stdio, options);
  if (control !== undefined) listen(child, control, events);
  return child;
}

/**
 * Makes a process for a caller that finds that it cannot start its program. The process ends at once with status 125,
 * as the helper does when it fails, and has `error` as its `error` event.
 */
export function startRefused(error: unknown, options: SpawnOptions): ChildProcess {
  const [child, control] = start(['--refuse'], withControl(options.stdio), options);
  control?.on('error', () => {}).resume();
  // If this process cannot be started either, Node emits an error event itself.
  if (child.pid !== undefined) report(child, error);
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
