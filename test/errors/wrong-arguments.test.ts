// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exit, mov, r0 } from '../../src/asm/index.ts';
import { BtfBuilder } from '../../src/btf/index.ts';
import { Btf } from '../../src/btf-object/index.ts';
import { u32 } from '../../src/bytes/codec/index.ts';
import { Collection, CollectionSpec } from '../../src/collection/index.ts';
import { BpfError, seen } from '../../src/errors/index.ts';
import {
  attachCgroup,
  attachKprobe,
  attachKprobeMulti,
  attachPerfEvent,
  attachRawTracepoint,
  attachSkLookup,
  attachTracepoint,
  attachUprobe,
  attachXdp,
  Link,
} from '../../src/link/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { Program, type ProgramOptions } from '../../src/program/index.ts';
import { RingBuffer, UserRingBuffer } from '../../src/ringbuf/index.ts';
import { getCapabilities } from '../../src/sys/index.ts';
import { fixture } from '../collection/fixture.ts';

/** Values that a caller may pass by mistake. */
const WRONG: readonly unknown[] = [
  ...[undefined, null, {}, [], Number.NaN, -1, 'x', 2 ** 53, 1.5, true, 1n],
  ...[[null], [{}], { fd: {} }, { type: 'hash' }, new Uint8Array(3), 'a\0b', (): number => 1],
];
/** What engines, Node and the layer below say about them. Such messages name nothing that the caller knows. */
const USELESS =
  /Cannot read propert|is not a function|bpf_attr\.|not iterable|Cannot use 'in'|is not a constructor|Invalid (typed )?array|Cannot (mix|convert)|must be of type|Array buffer allocation|Node-API|serialize a BigInt/;

interface Fault {
  readonly what: string;
  readonly given: unknown;
  readonly error: unknown;
}

/** Makes calls, and keeps those whose error does not help the caller. */
class Calls {
  readonly faults: Fault[] = [];
  made = 0;

  /** @param option - the option that the error must name if it is about arguments */
  async make(what: string, given: unknown, call: () => unknown, option?: string): Promise<void> {
    this.made++;
    try {
      const made = await call();
      if (typeof made === 'object' && made !== null && 'next' in made) {
        (made as Iterator<unknown>).next();
      } else if (typeof made === 'object' && made !== null && 'close' in made) {
        (made as { close(): void }).close();
      }
    } catch (error) {
      if (!this.#isUseful(error, given, option)) this.faults.push({ what, given, error });
    }
  }

  #isUseful(error: unknown, given: unknown, option: string | undefined): boolean {
    if (!(error instanceof Error) || USELESS.test(error.message)) return false;
    if (BpfError.is(error)) return true;
    if (!(error instanceof TypeError || error instanceof RangeError)) return false;
    // 1n is in every range, so it can only be of the wrong type.
    if (given === 1n && error instanceof RangeError) return false;
    if (option === undefined) return true;
    // A message may say "attach type" for "attachType", and may speak of a single function for "functions".
    const one = option.replace(/s$/, '');
    const words = one.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return error.message.includes(one) || error.message.includes(words);
  }

  /** Tries wrong values for one option after the other. All other options are right. */
  async options(
    what: string,
    call: (options: never) => unknown,
    right: object,
    names: readonly string[],
  ): Promise<void> {
    for (const name of names) {
      for (const wrong of WRONG) {
        if (wrong === undefined) continue;
        await this.make(`${what}: ${name}`, wrong, () => call({ ...right, [name]: wrong } as never), name);
      }
    }
  }

  check(): void {
    assert.ok(this.made > 0);
    const texts = this.faults.map(({ what, given, error }) => `${what} with ${seen(given)}: ${error}`);
    assert.deepEqual(texts, []);
  }
}

/** Functions that take the attributes of bpf(2) unchanged. Their errors name the fields of the attribute. */
const RAW: ReadonlySet<string> = new Set(['mapCreate', 'progLoad', 'progLoadAsync', 'btfLoad']);

const isClass = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

type AnyFunction = (...args: unknown[]) => unknown;

/** Calls every function and static method that an entry of the package exports. */
async function callAll(calls: Calls, entry: string): Promise<void> {
  const exported: Readonly<Record<string, unknown>> = await import(`../../src/${entry}/index.js`);
  for (const [name, value] of Object.entries(exported)) {
    if (isClass(value)) {
      // Constructors are left out, because only the library uses them.
      for (const method of Object.getOwnPropertyNames(value)) {
        const fn = value[method];
        if (typeof fn !== 'function' || isClass(fn)) continue;
        for (const wrong of WRONG) {
          const call = fn as AnyFunction;
          await calls.make(`${name}.${method}`, wrong, () => call.call(value, wrong));
          await calls.make(`${name}.${method}`, wrong, () => call.call(value, wrong, wrong));
        }
      }
    } else if (typeof value === 'function' && !RAW.has(name)) {
      const call = value as AnyFunction;
      for (const wrong of WRONG) {
        await calls.make(name, wrong, () => call(wrong));
        await calls.make(name, wrong, () => call(wrong, wrong));
        await calls.make(name, wrong, () => call({}, wrong));
      }
    }
  }
}

for (const entry of [
  'asm',
  'btf',
  'elf',
  'features',
  'link',
  'perf',
  'ringbuf',
  'map',
  'program',
  'btf-object',
  'token',
]) {
  test(`${entry}: whatever is passed, the error names it`, async () => {
    const calls = new Calls();
    await callAll(calls, entry);
    calls.check();
  });
}

const INSTRUCTIONS = [mov(r0, 1), exit()];

function needs(): { skip: string | false } {
  return { skip: getCapabilities().effective === 0n ? 'loading programs needs capabilities' : false };
}

test('every option of programs and their runs', needs(), async () => {
  const calls = new Calls();
  const right = { type: 'socket_filter', instructions: INSTRUCTIONS } as const;
  const names = [
    ...['type', 'instructions', 'name', 'license', 'attachType', 'flags', 'attachBtfId', 'attachTo'],
    ...['interfaceIndex', 'kernelVersion', 'btf', 'functionInfo', 'lineInfo', 'maps', 'fdArray'],
    ...['logLevel', 'logSize', 'token'],
  ];
  // The error names a wrong instruction by its place, and says what a token must be.
  await calls.options(
    'Program.loadSync',
    (options: ProgramOptions) => Program.loadSync(options),
    right,
    names,
  );
  await calls.options('Program.load', (options: ProgramOptions) => Program.load(options), right, names);
  using program = Program.loadSync(right);
  const run = ['data', 'context', 'dataSize', 'repeat', 'flags', 'cpu', 'batchSize'];
  await calls.options(
    'testRun',
    (options) => program.testRun(options),
    { data: new Uint8Array(64) },
    run.filter((name) => name !== 'repeat'),
  );
  for (const repeat of [null, {}, Number.NaN, -1, 'x', 2 ** 53, 1.5]) {
    await calls.make('testRun: repeat', repeat, () => program.testRun({ repeat } as never), 'repeat');
  }
  for (const wrong of WRONG) await calls.make('pin', wrong, () => program.pin(wrong as never));
  calls.check();
});

test('every option of maps, and every argument of their methods', needs(), async () => {
  const calls = new Calls();
  const right = { type: 'hash', key: u32, value: u32, maxEntries: 1 } as const;
  await calls.options('BpfMap.create', (options) => BpfMap.create(options), right, [
    ...['type', 'name', 'key', 'value', 'records', 'maxEntries', 'flags', 'numaNode', 'extra', 'ifindex'],
    ...['btf', 'kernelValueType', 'kernelValueBtf', 'token'],
  ]);
  for (const inner of WRONG) {
    const options = { type: 'hash_of_maps', key: u32, maxEntries: 1, inner };
    await calls.make('BpfMap.create: inner', inner, () => BpfMap.create(options as never));
  }
  using map = BpfMap.create(right);
  const methods = map as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  for (const name of [
    'get',
    'set',
    'delete',
    'has',
    'entries',
    'keys',
    'values',
    'setMany',
    'deleteMany',
    'pin',
    'mmap',
  ]) {
    for (const wrong of WRONG) {
      const call = (...args: unknown[]): unknown => methods[name]?.(...args);
      await calls.make(`map.${name}`, wrong, () => call(wrong));
      await calls.make(`map.${name}`, wrong, () => call(1, wrong));
      await calls.make(`map.${name}`, wrong, () => call(1, 1, wrong));
    }
  }
  using queue = BpfMap.create({ type: 'queue', value: u32, maxEntries: 2 });
  for (const wrong of WRONG) {
    await calls.make('queue.push', wrong, () => queue.push(wrong as never));
    await calls.make('queue.push', wrong, () => queue.push(1, wrong as never));
  }
  calls.check();
});

test('every option of readers of events', needs(), async () => {
  const calls = new Calls();
  using ring = BpfMap.create({ type: 'ringbuf', maxEntries: 65_536 });
  using user = BpfMap.create({ type: 'user_ringbuf', maxEntries: 65_536 });
  using perf = BpfMap.create({ type: 'perf_event_array', key: u32, value: u32, maxEntries: 2 });
  await calls.options('RingBuffer.open', (options) => RingBuffer.open(ring, options), {}, ['value']);
  await calls.options('UserRingBuffer.open', (options) => UserRingBuffer.open(user, options), {}, ['value']);
  const names = ['value', 'bufferSize', 'wakeUp', 'lost'];
  await calls.options('PerfBuffer.open', (options) => PerfBuffer.open(perf, options), {}, names);
  calls.check();
});

test('every option of loading types and objects', needs(), async () => {
  const calls = new Calls();
  const types = new BtfBuilder();
  types.int('int', 4);
  const log = ['logLevel', 'logSize'];
  await calls.options('Btf.load', (options) => Btf.load(types, options), {}, [...log, 'token']);
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  await calls.options('Collection.loadSync', (options) => Collection.loadSync(spec, options), {}, [
    ...['programs', 'maps', 'variables', 'kconfig', 'targets', 'targetBtf', 'pinPath', 'token'],
    ...log,
  ]);
  calls.check();
});

/** The attach functions, the programs for them, valid options that lead nowhere, and the options to try. */
const ATTACH = [
  [attachXdp, { type: 'xdp' }, { interface: 'none' }, ['interface', 'mode']],
  [
    attachCgroup,
    { type: 'cgroup_skb' },
    { cgroup: '/none', attachType: 'cgroup_inet_ingress' },
    ['cgroup', 'attachType'],
  ],
  [attachKprobe, { type: 'kprobe' }, { function: 'none' }, ['function', 'offset', 'cookie']],
  [attachUprobe, { type: 'kprobe' }, { path: '/none', offset: 1 }, ['path', 'offset', 'processId', 'cookie']],
  [
    attachTracepoint,
    { type: 'tracepoint' },
    { category: 'x', name: 'y' },
    ['category', 'name', 'cookie', 'tracefs'],
  ],
  [attachRawTracepoint, { type: 'raw_tracepoint' }, { name: 'none' }, ['name', 'cookie']],
  [
    attachPerfEvent,
    { type: 'perf_event' },
    { event: 'cpu_clock', cpu: 9999 },
    ['event', 'period', 'frequency', 'processId', 'cpu', 'cookie'],
  ],
  [
    attachKprobeMulti,
    { type: 'kprobe', attachType: 'trace_kprobe_multi' },
    { functions: ['none'] },
    ['functions', 'cookies'],
  ],
  [attachSkLookup, { type: 'sk_lookup', attachType: 'sk_lookup' }, { namespace: '/none' }, ['namespace']],
] as const;

for (const [attach, options, right, names] of ATTACH) {
  const { name } = attach;
  test(`every option of ${name}`, needs(), async (t) => {
    let program: Program;
    try {
      program = Program.loadSync({
        license: 'GPL',
        instructions: INSTRUCTIONS,
        ...options,
      } as ProgramOptions);
    } catch (error) {
      // Kernels without function tracing, or with another configuration, have no such programs.
      return t.skip(`this kernel lacks such programs: ${(error as Error).message}`);
    }
    const calls = new Calls();
    const call = attach as (program: Program, options: never) => unknown;
    await calls.options(name, (given) => call(program, given), right, names);
    program.close();
    calls.check();
  });
}

test('what was given in place of a descriptor is shown', needs(), () => {
  assert.throws(() => BpfMap.fromFd(3 as never), {
    name: 'TypeError',
    message:
      'BpfMap.fromFd: fd must be an Fd (Fd.adopt of ebpf-ts/sys makes one from a descriptor number), got 3',
  });
  assert.throws(() => Link.fromFd(3 as never), {
    name: 'TypeError',
    message: /^Link.fromFd: fd must be an Fd .*, got 3$/,
  });
  for (const open of [BpfMap, Program, Link, Btf]) {
    assert.throws(() => open.fromId(4_000_000_000), {
      code: 'ENOENT',
      message: /^Cannot open .* 4000000000: ENOENT: no (map|program|link|BTF) has this id$/,
    });
    assert.throws(() => open.fromId(2 ** 32), {
      name: 'RangeError',
      message: /id must be an integer from 0 to 4294967295, got 4294967296$/,
    });
  }
});
