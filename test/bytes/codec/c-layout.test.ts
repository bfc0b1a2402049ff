// depends on: runtime
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as c from '../../../src/bytes/codec/index.ts';

const C_TYPES: readonly (readonly [string, string, c.Codec<unknown>])[] = [
  ['unsigned char', '', c.u8],
  ['signed char', '', c.i8],
  ['unsigned short', '', c.u16],
  ['short', '', c.i16be],
  ['unsigned int', '', c.u32],
  ['int', '', c.i32le],
  ['unsigned long long', '', c.u64],
  ['long long', '', c.i64],
  ['float', '', c.f32],
  ['double', '', c.f64],
  ['_Bool', '', c.bool],
  ['unsigned char', '[6]', c.bytes(6)],
  ['char', '[16]', c.string(16)],
  ['unsigned short', '[3]', c.array(c.u16, 3)],
  ['unsigned int', '[2]', c.typedArray(Uint32Array, 2)],
  ['struct inner', '', c.struct({ a: c.u8, b: c.u32, c: c.u8 })],
  ['struct inner', '[2]', c.array(c.struct({ a: c.u8, b: c.u32, c: c.u8 }), 2)],
  ['struct tight', '', c.struct({ a: c.u8, b: c.u64 }, { packed: true })],
];

/** Every pair of member types, followed by two more types. A part of the structures is packed. */
function structures(): { members: number[]; packed: boolean }[] {
  const all: { members: number[]; packed: boolean }[] = [];
  for (let i = 0; i < C_TYPES.length; i++) {
    for (let j = 0; j < C_TYPES.length; j++) {
      const members = [i, j, (i * 7 + j * 3) % C_TYPES.length, (i + j) % C_TYPES.length];
      all.push({ members, packed: (i + j) % 5 === 0 });
    }
  }
  return all;
}

test('layouts equal those of the C compiler', (t) => {
  const compiler = process.env.CC ?? 'cc';
  if (spawnSync(compiler, ['--version']).status !== 0) {
    t.skip(`no C compiler (${compiler}) to compare with`);
    return;
  }
  const all = structures();
  const declarations = all.map(({ members, packed }, n) => {
    const lines = members.map((type, i) => `${C_TYPES[type]?.[0]} m${i}${C_TYPES[type]?.[1]};`);
    return `struct s${n} { ${lines.join(' ')} }${packed ? ' __attribute__((packed))' : ''};`;
  });
  const prints = all.map(({ members }, n) => {
    const offsets = members.map((_, i) => `offsetof(struct s${n}, m${i})`);
    const numbers = [`sizeof(struct s${n})`, `_Alignof(struct s${n})`, ...offsets];
    return `printf("${numbers.map(() => '%zu').join(' ')}\\n", ${numbers.join(', ')});`;
  });
  const source = `#include <stddef.h>
#include <stdio.h>
struct inner { unsigned char a; unsigned int b; unsigned char c; };
struct tight { unsigned char a; unsigned long long b; } __attribute__((packed));
${declarations.join('\n')}
int main(void) { ${prints.join('\n')} return 0; }
`;
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-layout-'));
  try {
    writeFileSync(join(folder, 'layout.c'), source);
    execFileSync(compiler, ['-o', join(folder, 'layout'), join(folder, 'layout.c')]);
    const lines = execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).trim().split('\n');
    assert.equal(lines.length, all.length);
    for (const [n, { members, packed }] of all.entries()) {
      const fields = Object.fromEntries(members.map((type, i) => [`m${i}`, C_TYPES[type]?.[2] ?? c.u8]));
      const codec = c.struct(fields, { packed });
      const ours = [codec.size, codec.align, ...Object.values(codec.offsets)].join(' ');
      assert.equal(ours, lines[n], declarations[n]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
