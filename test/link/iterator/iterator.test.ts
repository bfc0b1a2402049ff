// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AsmItem,
  call,
  exit,
  jeq,
  label,
  ldx,
  loadMapValue,
  mov,
  r0,
  r1,
  r2,
  r3,
} from '../../../src/asm/index.ts';
import { bytes, u32 } from '../../../src/bytes/codec/index.ts';
import { attachIterator, readIterator } from '../../../src/link/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { Program } from '../../../src/program/index.ts';
import { kernelBtf, type NativeBinding, native, withBinding } from '../../../src/sys/index.ts';
import { needsRoot, tryTo } from '../support.ts';

/** After this many objects without output the kernel pauses: MAX_ITER_OBJECTS of kernel/bpf/bpf_iter.c. */
const PAUSE = 1_000_000;
const EAGAIN = 11;

function btfId(name: string): number {
  const types = kernelBtf();
  const id = [...types.idsByName(name)].find((each) => types.kindOf(each) === 'func');
  assert.ok(id !== undefined, `kernel BTF has ${name}`);
  return id;
}

const load = (name: string, work: readonly AsmItem[]): Program =>
  Program.loadSync({
    type: 'tracing',
    attachType: 'trace_iter',
    attachBtfId: btfId(name),
    license: 'GPL',
    instructions: [...work, mov(r0, 0), exit()],
  });

test('an iterator that writes nothing for more than a million objects comes to its end', needsRoot(), (t) => {
  const program = tryTo(() => load('bpf_iter_bpf_map_elem', []));
  if (typeof program === 'string') return t.skip(program);
  using _ = program;
  using map = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 2 * PAUSE + 10 });
  using link = attachIterator(program, { map });
  assert.equal(readIterator(link).length, 0);
});

test('a pause of the kernel is not the end', needsRoot(), () => {
  using program = load('bpf_iter_bpf_map', []);
  using link = attachIterator(program);
  const real = native();
  let pauses = 3;
  // No machine has a million maps, so the test makes the pauses itself.
  const syscall: NativeBinding['syscall'] = (number, ...args) =>
    number === real.numbers.read && pauses-- > 0 ? -EAGAIN : real.syscall(number, ...args);
  assert.equal(withBinding({ ...real, syscall }, () => readIterator(link)).length, 0);
  assert.ok(pauses < 0, 'read again after the last');
});

test('what an iterator writes for one object must find room, else an error says so', needsRoot(), () => {
  const size = 1 << 20;
  using large = BpfMap.create({ type: 'array', key: u32, value: bytes(size), maxEntries: 1 });
  // struct bpf_iter__bpf_map: meta, map; struct bpf_iter_meta: seq
  using program = load('bpf_iter_bpf_map', [
    ...[ldx('u64', r2, r1, 8), jeq(r2, 0, 'end'), ldx('u64', r1, r1, 0), ldx('u64', r1, r1, 0)],
    ...[loadMapValue(r2, large, 0), mov(r3, size), call('seq_write'), label('end')],
  ]);
  using link = attachIterator(program);
  assert.throws(() => readIterator(link), {
    name: 'BpfError',
    code: 'E2BIG',
    syscall: 'read',
    message: /^Cannot read the run of .*: E2BIG$/,
  });
});
