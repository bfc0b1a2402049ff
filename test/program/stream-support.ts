import {
  type AsmItem,
  add,
  callKfunc,
  exit,
  ja,
  label,
  loadMapValue,
  mayGoto,
  mov,
  r0,
  r1,
  r2,
  r3,
  r4,
  r5,
  r10,
  stx,
} from '../../src/asm/index.ts';
import { bytes, u32 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { Program, type ProgramOptions } from '../../src/program/index.ts';
import { kernelBtf } from '../../src/sys/index.ts';
import { needsRoot } from '../needs.ts';

/**
 * The kfunc that prints; `undefined` on a kernel without streams. Linux 6.18 calls it `..._impl`. Later kernels have that
 * name too, but not always a function with it.
 */
function printing(): number | undefined {
  const names = ['bpf_stream_vprintk', 'bpf_stream_vprintk_impl'];
  return names.map((name) => kernelBtf().byName(name, 'func')?.id).find((id) => id !== undefined);
}

/** Why programs cannot print to streams here; false if they can. */
export function noStreams(): string | false {
  if (printing() === undefined) return 'this kernel has no streams of programs';
  using trial = printer([1, 'trial']);
  const { returnValue } = trial.testRun({ data: new Uint8Array(64) });
  return returnValue === 0 ? false : `this kernel keeps no text of programs (${returnValue | 0})`;
}

/** Options for tests that need streams, as root. */
export function needsStreams(): { skip: string | false } {
  return { skip: needsRoot().skip || noStreams() };
}

export type Print = readonly [stream: 1 | 2, text: string];

/** Room for a text that a program prints. */
const ROOM = 256;

/** Prints texts: the format is `%s`, because formats are ASCII. The memory of format and texts is read-only. */
function prints(texts: BpfMap, list: readonly Print[]): AsmItem[] {
  return list.flatMap(([stream], at) => [
    ...[loadMapValue(r1, texts, ROOM * (at + 1)), stx('u64', r10, -8, r1)],
    ...[mov(r1, stream), loadMapValue(r2, texts, 0), mov(r3, r10), add(r3, -8), mov(r4, 8), mov(r5, 0)],
    callKfunc(printing() ?? 0),
  ]);
}

/** A program that prints these texts each time it runs. It returns what the last call has returned. */
export function printer(...list: readonly Print[]): Program {
  const size = ROOM * (list.length + 1);
  using texts = BpfMap.create({
    type: 'array',
    key: u32,
    value: bytes(size),
    maxEntries: 1,
    flags: ['rdonly_prog'],
  });
  const content = Buffer.alloc(size);
  for (const [at, text] of ['%s', ...list.map(([, each]) => each)].entries()) content.write(text, ROOM * at);
  texts.set(0, content);
  texts.freeze();
  return load([...prints(texts, list), exit()]);
}

/** A program whose loop the kernel ends after a while. */
export function endless(): Program {
  return load([label('again'), mayGoto('out'), ja('again'), label('out'), mov(r0, 0), exit()]);
}

/** A program that prints nothing. */
export function quiet(): Program {
  return load([mov(r0, 0), exit()]);
}

function load(instructions: ProgramOptions['instructions']): Program {
  return Program.loadSync({ type: 'sched_cls', name: 'prints', license: 'GPL', instructions });
}
