import { chmodSync, writeFileSync } from 'node:fs';
import { elfFile } from '../../../elf/elf-writer.ts';
import { usdtNote } from '../../../elf/usdt-writer.ts';

const PAGE = 0x1000;
const CODE = { address: 0x401000, offset: PAGE };
const DATA = { address: 0x402000, offset: 2 * PAGE };
/** The file header, and two program headers. */
const HEADERS = 64 + 2 * 56;

/** Instructions of x86-64, and where the probes in them are. */
const STEPS: readonly (readonly [string, list?: string])[] = [
  ['bff5ffffff'], // mov $-11, %edi
  ['48be0102030405060708'], // movabs $0x0807060504030201, %rsi
  ['66b83412'], // mov $0x1234, %ax
  ['ba08204000'], // mov $0x402008, %edx
  ['b902000000'], // mov $2, %ecx
  ['90', '-4@%edi 8@%rsi 1@%ah 2@%ax -4@(%rdx) -4@4(%rdx) -2@$-3'],
  ['90', '-4@(%rdx)'],
  ['0fb73c2500204000'], // movzwl 0x402000, %edi: the semaphore
  ['b83c000000'], // mov $60, %eax: exit(2)
  ['0f05'], // syscall
];

/** The values of the arguments at the two places of `made:probe`, which has a semaphore. */
export const MADE_VALUES: readonly (readonly bigint[])[] = [
  [-11n, 0x0807060504030201n, 0x12n, 0x1234n, 100n, -200n, -3n],
  [100n],
];

/**
 * Writes a program with a USDT probe, byte by byte: the machines of test/kernels have no compiler. It runs on x86-64,
 * fires both places of the probe, and exits with the value of the semaphore.
 */
export function writeMadeProgram(path: string): void {
  const code = new Uint8Array(PAGE);
  const notes: Uint8Array[] = [];
  let at = 0;
  for (const [bytes, list] of STEPS) {
    if (list !== undefined) {
      const addresses = [CODE.address + at, 0, DATA.address];
      notes.push(usdtNote({ addresses, provider: 'made', name: 'probe', arguments: list }, {}));
    }
    code.set(Buffer.from(bytes, 'hex'), at);
    at += bytes.length / 2;
  }
  const data = new Uint8Array(PAGE);
  new Int32Array(data.buffer, 8, 2).set([100, -200]);
  const sections = [
    { name: '.pad', data: new Uint8Array(PAGE - HEADERS) },
    { name: '.text', data: code },
    { name: '.data', data },
    { name: '.note.stapsdt', type: 7, data: Buffer.concat(notes) },
  ];
  const segments = [
    { ...CODE, flags: 5, fileSize: PAGE },
    { ...DATA, flags: 6, fileSize: PAGE },
  ];
  const file = elfFile(sections, { type: 2, machine: 62, segments });
  const view = new DataView(file.buffer);
  view.setUint32(20, 1, true); // e_version
  view.setBigUint64(24, BigInt(CODE.address), true); // e_entry
  for (const header of [64, 64 + 56]) {
    view.setBigUint64(header + 40, BigInt(PAGE), true); // p_memsz
    view.setBigUint64(header + 48, BigInt(PAGE), true); // p_align
  }
  writeFileSync(path, file);
  chmodSync(path, 0o755);
}
