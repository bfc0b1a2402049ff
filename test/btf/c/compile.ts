import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BtfComposite, BtfTypes, printTypesAsC } from '../../../src/btf/index.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { runWith, unpackedDebian } from '../../../tools/debian.ts';

const clang = unpackedDebian({ suite: 'trixie', packages: ['clang-19', 'llvm-19'] });

/** The reason why nothing can be compiled here, or undefined. */
export const noClang: string | undefined =
  clang === undefined ? 'no clang 19 in the cache: run "node dist/tools/build-fixtures.js" first' : undefined;

/** Compiles C source code for BPF. Returns its types, or nothing if only its assertions are checked. */
function compile(source: string, options: { littleEndian: boolean; check?: boolean }): BtfTypes | undefined {
  if (clang === undefined) throw new Error(noClang);
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-c-'));
  try {
    const [input, output] = [join(folder, 'types.c'), join(folder, 'types.o')];
    writeFileSync(input, source);
    const [program, ...args] = runWith(clang, 'usr/lib/llvm-19/bin/clang', [
      ...[
        '-target',
        options.littleEndian ? 'bpfel' : 'bpfeb',
        '-Wall',
        '-Werror',
        '-Wno-unused',
        '-nostdinc',
      ],
      ...(options.check ? ['-fsyntax-only'] : ['-g', '-O0', '-c', '-o', output]),
      input,
    ]);
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`clang ended with status ${status}: ${stderr.slice(0, 4000)}`);
    if (options.check) return undefined;
    const section = ElfFile.parse(readFileSync(output)).section('.BTF');
    if (section === undefined) throw new Error('the object has no .BTF');
    return BtfTypes.parse(section.data);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The structs and unions that have a name, and the names they get if several share one. */
function* composites(types: BtfTypes): Generator<{ type: BtfComposite; tag: string }> {
  const seen = new Map<string, number>();
  for (const { id, kind, name } of types) {
    if (name === '' || !['struct', 'union', 'enum', 'enum64'].includes(kind)) continue;
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    const type = types.byId(id);
    if (type.kind !== 'struct' && type.kind !== 'union') continue;
    yield { type, tag: number === 1 ? name : `${name}___${number}` };
  }
}

interface Place {
  readonly bitOffset: number;
  /** 0 if it is not a bit field. */
  readonly bitSize: number;
  readonly size: number;
}

interface Layout {
  readonly size: number;
  /** The members by path. An anonymous member is replaced by the members inside it. */
  readonly members: Readonly<Record<string, Place>>;
}

/** Finds the place of every member of a struct. Leaves out padding that needed a name in C. */
function layoutOf(types: BtfTypes, id: number): Layout {
  const members: Record<string, Place> = {};
  const walk = (type: BtfComposite, path: string, base: number): void => {
    for (const member of type.members) {
      const { name, bitSize } = member;
      if (name.startsWith('__padding')) continue;
      const inner = types.resolve(member.type);
      const bitOffset = base + member.bitOffset;
      if (name !== '') members[`${path}${name}`] = { bitOffset, bitSize, size: types.sizeOf(member.type) };
      if ((inner.kind === 'struct' || inner.kind === 'union') && (inner.name === '' || name === '')) {
        walk(inner, name === '' ? path : `${path}${name}.`, bitOffset);
      }
    }
  };
  const type = types.resolve(id);
  if (type.kind !== 'struct' && type.kind !== 'union') throw new Error(`${type.kind} ${type.name}`);
  walk(type, '', 0);
  return { size: type.size, members };
}

/** Whether the type has bit fields. C cannot tell their places. */
export function hasBits(types: BtfTypes, type: BtfComposite): boolean {
  return Object.values(layoutOf(types, type.id).members).some(({ bitSize }) => bitSize > 0);
}

/**
 * The layouts of structs and unions, and their layouts after the types were printed as C, compiled, and read from the
 * resulting BTF.
 */
export function roundTrip(
  types: BtfTypes,
  pick: (type: BtfComposite) => boolean = () => true,
): { before: Record<string, Layout>; after: Record<string, Layout> } {
  const all = [...composites(types)].filter(({ type }) => type.size > 0 && pick(type));
  const variables = all.map(({ type, tag }) => `${type.kind} ${tag} variable_${type.id};\n`);
  // If there is nothing to compare, it is enough that the text compiles. There is no BTF then.
  const compiled = compile([...printTypesAsC(types), ...variables].join(''), {
    littleEndian: types.littleEndian,
    check: all.length === 0,
  });
  const before: Record<string, Layout> = {};
  const after: Record<string, Layout> = {};
  for (const { type, tag } of all) {
    before[tag] = layoutOf(types, type.id);
    const variable = compiled?.byName(`variable_${type.id}`, 'var');
    if (compiled !== undefined && variable !== undefined) after[tag] = layoutOf(compiled, variable.type);
  }
  return { before, after };
}

/**
 * Lets the compiler compare the sizes and offsets of everything but bit fields. This is much faster for many types.
 *
 * @returns how much was compared
 */
export function assertLayouts(types: BtfTypes): number {
  const assertions: string[] = [];
  for (const { type, tag } of composites(types)) {
    const name = `${type.kind} ${tag}`;
    const { size, members } = layoutOf(types, type.id);
    assertions.push(`_Static_assert(sizeof(${name}) == ${size}, "${name}");\n`);
    for (const [path, place] of Object.entries(members)) {
      if (place.bitSize > 0) continue;
      const size = `sizeof(((${name} *)0)->${path}) == ${place.size}`;
      const offset = `__builtin_offsetof(${name}, ${path}) == ${place.bitOffset / 8}`;
      assertions.push(`_Static_assert(${size} && ${offset}, "${name}: ${path}");\n`);
    }
  }
  compile([...printTypesAsC(types), ...assertions].join(''), {
    littleEndian: types.littleEndian,
    check: true,
  });
  return assertions.length;
}
