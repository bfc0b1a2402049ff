import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findProbe } from '../../../../src/link/file/usdt/find-probe.ts';
import { strings, symbolTable } from '../../../elf/elf-writer.ts';
import { type UsdtFileInit, usdtFile } from '../../../elf/usdt-writer.ts';
import { folder, needsX86 } from './support.ts';

let files = 0;

/** Looks for `test:probe` in a file. */
function find(init: UsdtFileInit | Uint8Array, withArguments = true): ReturnType<typeof findProbe> {
  const path = join(folder, `file${files++}`);
  writeFileSync(path, init instanceof Uint8Array ? init : usdtFile(init));
  return findProbe({ path, shown: 'FILE' }, 'test', 'probe', withArguments);
}

const refused = (init: UsdtFileInit | Uint8Array, code: string, message: string): void => {
  assert.throws(() => find(init), { name: 'BpfError', code, message });
};

test('a probe that the file does not have: the error lists those that it has', () => {
  const named = (...names: string[]): UsdtFileInit => ({ notes: names.map((name) => ({ name })) });
  const start = 'Cannot find USDT probe "test:probe" in FILE';
  const code = 'ERR_BPF_NO_USDT';
  refused(named('prob', 'prob', 'x'), code, `${start} (did you mean "test:prob"?): it has test:prob, test:x`);
  refused({ notes: [{ provider: 'other' }] }, code, `${start}: it has other:probe`);
  const many = Array.from({ length: 10 }, (_, i) => `q${i}`);
  refused(
    named(...many),
    code,
    `${start}: it has ${many
      .slice(0, 8)
      .map((name) => `test:${name}`)
      .join(', ')} and 2 more`,
  );
  refused(
    { notes: [] },
    code,
    `${start}: it has no USDT probes: it was built without them, or is a script or a launcher of the program that has them`,
  );
  const bare = usdtFile({ notes: [{}] });
  new DataView(bare.buffer).setBigUint64(40, 0n, true);
  new DataView(bare.buffer).setUint32(60, 0, true);
  refused(bare, code, `${start}: it has no section headers, which say where probes are described`);
});

test('a probe outside the parts of the file that are mapped', (t) => {
  if (!needsX86(t)) return;
  const end =
    ', is not in a part of the file that is mapped for it: it is not a program or library, or a file of debug information';
  const start = 'Cannot find USDT probe "test:probe" in FILE: the address of its';
  const at = (...addresses: number[]): UsdtFileInit => ({ notes: [{ addresses }] });
  refused(at(0x9000, 0, 0), 'ERR_BPF_NO_USDT', `${start} instruction, 0x9000${end}`);
  refused(at(0x4000, 0, 0x4000), 'ERR_BPF_NO_USDT', `${start} semaphore, 0x4000${end}`);
  assert.deepEqual(find(at(0x4000, 0, 0x8002)), [{ offset: 0x1000, semaphoreOffset: 0x2002, locations: [] }]);
});

test('a program for another processor', (t) => {
  if (!needsX86(t)) return;
  const message = (machine: number): string =>
    'Cannot read the USDT probes of FILE: it was built for another processor than that of this machine ' +
    `(e_machine ${machine}), or for one that this library does not know`;
  for (const machine of [183, 243]) {
    refused({ notes: [{}], machine }, 'ERR_BPF_USDT_ARGUMENT', message(machine));
  }
  refused({ notes: [{}], littleEndian: false }, 'ERR_BPF_USDT_ARGUMENT', message(62));
  // Programs of 32 bits run too.
  assert.equal(find({ notes: [{}], machine: 3, bits: 32 }).length, 1);
  assert.equal(find({ notes: [{}], machine: 183 }, false).length, 1, 'without arguments');
});

test('arguments in variables: at a distance from the probe', (t) => {
  if (!needsX86(t)) return;
  const withSymbols = (
    ...symbols: (readonly [name: string, address: number, section?: number])[]
  ): UsdtFileInit => {
    const names = strings(...symbols.map(([name]) => name));
    const data = symbolTable([
      {},
      ...symbols.map(([, value, section = 1], i) => ({
        name: names.offsets[i] ?? 0,
        value,
        section,
        info: 1,
      })),
    ]);
    return {
      notes: [{ addresses: [0x4010, 0, 0], arguments: '-4@8+counter(%rip)' }],
      sections: [
        { name: '.strtab', type: 3, data: names.data },
        { name: '.symtab', type: 2, link: 2, entrySize: 24, data },
      ],
    };
  };
  const [place] = find(withSymbols(['counter', 0x8000], ['counter', 0x8000]));
  assert.deepEqual(place?.locations, [
    {
      size: 4,
      signed: true,
      // struct pt_regs has rip at 128.
      place: { kind: 'memory', register: 128, index: undefined, scale: 1, offset: 0x3ff8n },
    },
  ]);
  const start = 'Cannot find the variable "counter", an argument of a USDT probe';
  const code = 'ERR_BPF_USDT_ARGUMENT';
  refused(withSymbols(), code, `${start}: the file has no such symbol: it was stripped`);
  refused(
    withSymbols(['counters', 0x8000]),
    code,
    `${start}: the file has no such symbol (did you mean "counters"?)`,
  );
  refused(withSymbols(['counter', 0, 0]), code, `${start}: the file has no such symbol: it was stripped`);
  refused(
    withSymbols(['counter', 0x8000], ['counter', 0x8010]),
    code,
    `${start}: the file has 2 symbols of this name`,
  );
});
