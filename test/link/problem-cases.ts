/**
 * Cases that are refused, each run in its own network and mount namespace (`problem-cases.js NAME FOLDER`). The program
 * prints the outcome of each step as JSON.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProgramType } from '../../src/abi/index.ts';
import { u32 } from '../../src/bytes/codec/index.ts';
import { attachKprobe, attachTracepoint, attachUprobe, attachXdp, Link } from '../../src/link/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { mountFileSystem } from '../../src/sys/index.ts';
import { counter } from './support.ts';

/** The outcome of each step: `fine`, or code and message. */
export type Outcomes = Record<string, string>;

type Step = readonly [name: string, run: () => unknown];

function outcomesOf(steps: readonly Step[]): Outcomes {
  return Object.fromEntries(
    steps.map(([name, run]) => {
      try {
        run();
        return [name, 'fine'];
      } catch (error) {
        const { name: type, code, message } = error as Error & { code?: string };
        return [name, `${type} ${code} ${message}`];
      }
    }),
  );
}

const load = (type: ProgramType, result = 0): Program => counter(type, { result, name: 'it' }).program;
const TRACEPOINT = { category: 'sched', name: 'sched_process_exec' };

const cases: Record<string, (folder: string) => Outcomes> = {
  xdp: () => {
    const program = load('xdp', 2);
    let link: Link | undefined;
    return outcomesOf([
      [
        'cpumap',
        () =>
          attachXdp(counter('xdp', { attachType: 'xdp_cpumap', name: 'it' }).program, { interface: 'lo' }),
      ],
      ['first', () => (link = attachXdp(program, { interface: 'lo' }))],
      ['second', () => attachXdp(program, { interface: 'lo' })],
      ['third', () => attachXdp(load('xdp', 2), { interface: 'lo' })],
      ['other type', () => link?.update(load('tracepoint'))],
      ['detach', () => link?.detach()],
      ['update', () => link?.update(program)],
      ['unknown option', () => link?.update(program, { expect: program } as object)],
    ]);
  },
  netlink: (folder) => {
    mountFileSystem('bpf', folder);
    const program = load('xdp', 2);
    program.pin(join(folder, 'it'));
    const command = `ip link add va type veth peer name vb && ip link set dev lo xdp pinned ${join(folder, 'it')}`;
    const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    if (status !== 0) return { skip: `iproute2 with XDP is not installed: ${stderr}` };
    return outcomesOf([
      ['busy', () => attachXdp(program, { interface: 'lo' })],
      ['hardware', () => attachXdp(program, { interface: 'va', mode: 'hardware' })],
    ]);
  },
  pins: (folder) => {
    const program = load('xdp', 2);
    const map = BpfMap.create({ type: 'array', name: 'it', key: u32, value: u32, maxEntries: 1 });
    const link = attachXdp(program, { interface: 'lo' });
    const at = (name: string): string => join(folder, 'bpf', name);
    mkdirSync(at('.'));
    const outside = outcomesOf([
      ['no bpffs', () => program.pin(at('x'))],
      ['no folder', () => program.pin(at('a/x'))],
    ]);
    mountFileSystem('bpf', at('.'));
    const both = (name: string, run: (thing: Program | BpfMap | Link) => void): Step[] =>
      Object.entries({ program, map, link }).map(([kind, thing]) => [`${name} (${kind})`, () => run(thing)]);
    return {
      ...outside,
      ...outcomesOf([
        ...both('no parent', (thing) => thing.pin(at('a/b/x'))),
        ...both('dot', (thing) => thing.pin(at('a.b'))),
        ['pinned', () => program.pin(at('x'))],
        ['twice', () => program.pin(at('x'))],
        ['below a pin', () => program.pin(at('x/y'))],
        ['outside', () => Link.fromPinned('/nope')],
        ['open nothing', () => Link.fromPinned(at('none'))],
        ['open without folder', () => BpfMap.fromPinned(at('none/x'))],
        ['open a dot', () => Program.fromPinned(at('a.b'))],
        ['open a folder', () => Link.fromPinned(at('.'))],
        ['open another file', () => Link.fromPinned(process.execPath)],
      ]),
    };
  },
  tracepoints: (folder) => {
    mountFileSystem('tracefs', folder);
    const program = load('tracepoint');
    const options = { ...TRACEPOINT, tracefs: folder };
    return outcomesOf([
      ['once', () => attachTracepoint(program, options)],
      ['twice', () => attachTracepoint(program, options)],
      ['name', () => attachTracepoint(program, { ...options, name: 'sched_process_exe' })],
      ['category', () => attachTracepoint(program, { ...options, category: 'shed' })],
      ['another folder', () => attachTracepoint(program, { ...options, tracefs: '/etc' })],
    ]);
  },
  'no-proc': () => {
    const program = load('tracepoint');
    mountFileSystem('tmpfs', '/proc');
    const none = outcomesOf([['none', () => attachTracepoint(program, TRACEPOINT)]]);
    mountFileSystem('tracefs', '/sys/kernel/tracing');
    return {
      ...none,
      ...outcomesOf([['usual place', () => attachTracepoint(load('tracepoint'), TRACEPOINT)]]),
    };
  },
  'no-sys': (folder) => {
    mountFileSystem('tracefs', folder);
    const probe = load('kprobe');
    const program = load('tracepoint');
    mountFileSystem('tmpfs', '/sys');
    return outcomesOf([
      ['uprobe', () => attachUprobe(probe, { path: process.execPath, offset: 64 })],
      ['kprobe', () => attachKprobe(probe, { function: 'do_nanosleep' })],
      ['tracepoint', () => attachTracepoint(program, { ...TRACEPOINT, tracefs: folder })],
    ]);
  },
};

/** Runs a case in its own namespaces. */
export function runCase(name: string, folder: string): Outcomes {
  const command = ['-m', '-n', process.execPath, fileURLToPath(import.meta.url), name, folder];
  const { stdout, stderr, error } = spawnSync('unshare', command, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(`case ${name} printed nothing: ${stderr}`);
  return JSON.parse(stdout) as Outcomes;
}

const [, program, name = '', folder = ''] = process.argv;
if (program === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(cases[name]?.(folder)));
}
