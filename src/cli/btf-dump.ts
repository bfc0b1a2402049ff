import { type BtfType, type BtfTypes, printTypesAsC } from '../btf/index.ts';
import { Btf } from '../btf-object/index.ts';
import { BpfError } from '../errors/index.ts';
import { kernelBtf } from '../sys/index.ts';
import { print, UsageError } from './output.ts';
import { readTypes } from './read-types.ts';

const { existsSync } = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');

/** The options of `ebpf-ts btf dump`, as the command line has them. */
export interface DumpOptions {
  readonly c?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly base?: string | undefined;
}

const KERNEL = '/sys/kernel/btf';

function typesOf(source: string, baseFile: string | undefined): BtfTypes {
  if (source === 'vmlinux' || source === join(KERNEL, 'vmlinux')) {
    if (baseFile !== undefined)
      throw new UsageError('--base: the types of vmlinux do not build on other types');
    return kernelBtf();
  }
  const base = baseFile === undefined ? undefined : readTypes(baseFile);
  if (/^\d+$/.test(source)) {
    using btf = Btf.fromId(Number(source));
    const { kernel, name } = btf.info();
    return btf.types(base ?? (kernel && name !== 'vmlinux' ? kernelBtf() : undefined));
  }
  const inKernel = join(KERNEL, source);
  const isName = !source.includes('/') && !existsSync(source);
  if (isName && !existsSync(inKernel)) {
    const text = `Cannot read BTF ${source}: ENOENT: there is no such file, and no module of this name in ${KERNEL}`;
    throw new BpfError(text, { code: 'ENOENT' });
  }
  const path = isName ? inKernel : source;
  return readTypes(path, base ?? (path.startsWith(`${KERNEL}/`) ? kernelBtf() : undefined));
}

/** Turns numbers that JSON readers would round into strings. */
function exact(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A type on one line, and each of its parts on another. */
function describe(type: BtfType): string {
  const { kind, id, name, ...rest } = type;
  const facts: string[] = [];
  const lines: string[] = [];
  for (const [key, value] of Object.entries(rest)) {
    if (!Array.isArray(value)) {
      facts.push(`${key}=${value}`);
      continue;
    }
    facts.push(`${key}=${value.length}`);
    for (const { name: part, ...more } of value as Record<string, unknown>[]) {
      const shown = Object.entries(more)
        .filter(([what, fact]) => what !== 'bitSize' || fact !== 0)
        .map(([what, fact]) => `${what}=${fact}`);
      lines.push(
        `\t${[...(part === undefined ? [] : [part === '' ? '(anonymous)' : JSON.stringify(part)]), ...shown].join(' ')}\n`,
      );
    }
  }
  const head = [`[${id}]`, kind, name === '' ? '(anonymous)' : JSON.stringify(name), ...facts].join(' ');
  return `${head}\n${lines.join('')}`;
}

function* own(types: BtfTypes): Generator<BtfType, void> {
  for (let id = (types.base?.count ?? 0) + 1; id <= types.count; id++) yield types.byId(id);
}

function* json(types: BtfTypes): Generator<string, void> {
  yield '{\n  "types": [';
  let separator = '\n    ';
  for (const type of own(types)) {
    yield separator + JSON.stringify(type, exact);
    separator = ',\n    ';
  }
  yield '\n  ]\n}\n';
}

/**
 * Helper headers of BPF programs test the first name, to leave out what this header declares. The attribute makes
 * accesses to the kernel's structs relocatable.
 */
function* header(types: BtfTypes): Generator<string, void> {
  yield '#ifndef __VMLINUX_H__\n#define __VMLINUX_H__\n\n';
  yield '#if defined(__clang__) && defined(__bpf__) && !defined(BPF_NO_PRESERVE_ACCESS_INDEX)\n';
  yield '#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)\n#endif\n';
  for (const text of printTypesAsC(types)) yield `\n${text}`;
  yield '\n#if defined(__clang__) && defined(__bpf__) && !defined(BPF_NO_PRESERVE_ACCESS_INDEX)\n';
  yield '#pragma clang attribute pop\n#endif\n\n#endif\n';
}

function* text(types: BtfTypes): Generator<string, void> {
  for (const type of own(types)) yield describe(type);
}

/** Writes in pieces, only as fast as they are read. */
function write(pieces: Iterable<string>): void {
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length <= 1 << 16) continue;
    print(waiting);
    waiting = '';
  }
  print(waiting);
}

/** `ebpf-ts btf dump`: prints the types of a file, of the kernel, or of loaded BTF. */
export async function dumpBtf(source: string, { c, json: asJson, base }: DumpOptions): Promise<void> {
  const types = typesOf(source, base);
  if (c === true) write(header(types));
  else write(asJson === true ? json(types) : text(types));
}
