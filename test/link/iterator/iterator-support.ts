import assert from 'node:assert/strict';
import {
  type AsmItem,
  add,
  call,
  exit,
  jeq,
  jge,
  label,
  ldx,
  loadMapValue,
  type MapHandle,
  mov,
  r0,
  r1,
  r2,
  r3,
  r6,
  r10,
  stx,
} from '../../../src/asm/index.ts';
import { Program } from '../../../src/program/index.ts';
import { kernelBtf } from '../../../src/sys/index.ts';

/** The id of a function in kernel BTF. */
export function functionId(name: string): number {
  const types = kernelBtf();
  const id = [...types.idsByName(name)].find((each) => types.kindOf(each) === 'func');
  assert.ok(id !== undefined, `kernel BTF has ${name}`);
  return id;
}

/** Where a member of a kernel structure lies. */
export function memberOffset(struct: string, member: string): number {
  const type = kernelBtf().byName(struct, 'struct');
  const found = type?.members.find(({ name }) => name === member);
  assert.ok(found !== undefined, `struct ${struct} has ${member}`);
  return found.bitOffset / 8;
}

/** An iterator made of these instructions. */
export function iterator(target: string, work: readonly AsmItem[], section?: string): Program {
  return Program.loadSync({
    type: 'tracing',
    name: 'iterator',
    section,
    attachType: 'trace_iter',
    attachBtfId: functionId(`bpf_iter_${target}`),
    license: 'GPL',
    instructions: [...work, mov(r0, 0), exit()],
  });
}

/** The second word of the context leads to the object. Writes the u32 at the end of this path. */
export function writeMember(path: readonly number[]): AsmItem[] {
  return [
    ...[mov(r6, r1), ldx('u64', r2, r1, 8), jeq(r2, 0, 'end')],
    ...path.map((offset, step) => ldx(step === path.length - 1 ? 'u32' : 'u64', r2, r2, offset)),
    ...[stx('u32', r10, -4, r2), ldx('u64', r1, r6, 0), ldx('u64', r1, r1, 0)],
    ...[mov(r2, r10), add(r2, -4), mov(r3, 4), call('seq_write'), label('end')],
  ];
}

/** An iterator over the symbols of the kernel that writes the value of a map for each of the first ones. */
export function writeTimes(value: MapHandle, size: number, times: number): AsmItem[] {
  return [
    ...[ldx('u64', r2, r1, 8), jeq(r2, 0, 'end')],
    // struct bpf_iter_meta: seq, session_id, seq_num
    ...[ldx('u64', r3, r1, 0), ldx('u64', r2, r3, 16), jge(r2, times, 'end'), ldx('u64', r1, r3, 0)],
    ...[loadMapValue(r2, value, 0), mov(r3, size), call('seq_write'), label('end')],
  ];
}
