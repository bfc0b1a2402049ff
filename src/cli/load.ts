import { readFileSync } from 'node:fs';
import { BtfTypes } from '../btf/index.ts';
import { Collection, CollectionSpec } from '../collection/index.ts';
import { ElfFile } from '../elf/index.ts';
import { BpfError } from '../errors/index.ts';
import { columns, section, type TextStyle } from './columns.ts';
import { colorsFor, usage } from './output.ts';
import { setValues } from './set-values.ts';

/** The options of `ebpf-ts load`, as the command line has them. */
export interface LoadOptions {
  readonly json?: boolean;
  readonly pin?: string;
  readonly targetBtf?: string;
  readonly set?: readonly string[];
  readonly program?: readonly string[];
  readonly allPrograms?: boolean;
}

/** What `ebpf-ts load --json` prints. */
interface LoadJson {
  readonly maps: readonly { readonly name: string; readonly id: number; readonly type: string | number }[];
  readonly programs: readonly {
    readonly name: string;
    readonly id: number;
    readonly type: string | undefined;
    readonly tag: string;
    readonly xlatedSize: number;
    readonly jitedSize: number;
    readonly verifiedInstructions: number;
  }[];
}

const ELF = [0x7f, 0x45, 0x4c, 0x46];

/** The types in a file: plain BTF as in /sys/kernel/btf, or the section `.BTF` of an ELF file. */
function readTypes(file: string): BtfTypes {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'ERR_BPF_READ';
    throw new BpfError(`Cannot read BTF ${file}: ${code}`, { code, cause });
  }
  if (!ELF.every((byte, i) => bytes[i] === byte)) return BtfTypes.parse(bytes, { file });
  const found = ElfFile.parse(bytes, { file }).section('.BTF');
  if (found === undefined) {
    throw new BpfError(`Cannot read BTF ${file}: it has no section .BTF`, { code: 'ERR_BPF_FORMAT' });
  }
  return BtfTypes.parse(found.data, { file });
}

function toJson(collection: Collection): LoadJson {
  return {
    maps: Object.entries(collection.maps).map(([name, map]) => ({ name, id: map.info().id, type: map.type })),
    programs: Object.entries(collection.programs).map(([name, program]) => {
      const { id, type, tag, xlatedSize, jitedSize, verifiedInstructions } = program.info();
      return { name, id, type, tag, xlatedSize, jitedSize, verifiedInstructions };
    }),
  };
}

function toText({ maps, programs }: LoadJson, style: TextStyle): string {
  const rows: (readonly [string, string[][]])[] = [
    ['Maps', maps.map(({ name, id, type }) => [name, String(type), `id ${id}`])],
    [
      'Programs',
      programs.map((program) => [
        program.name,
        program.type ?? 'type unknown',
        `id ${program.id}, tag ${program.tag}`,
        `${program.xlatedSize} bytes, ${program.jitedSize} jited, ${program.verifiedInstructions} instructions verified`,
      ]),
    ],
  ];
  return rows
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => section(title, columns(lines, style), style))
    .join('\n');
}

/** `ebpf-ts load`: loads everything, shows it, and keeps nothing but what is pinned. */
export async function loadObject(file: string, options: LoadOptions): Promise<void> {
  const { pin, targetBtf, set = [], program = [], allPrograms = false } = options;
  const spec = await CollectionSpec.load(file);
  const { variables, kconfig } = usage(() => setValues(spec, set));
  using collection = await Collection.load(spec, {
    variables,
    kconfig,
    programs: allPrograms ? 'all' : program,
    pinPath: pin,
    targetBtf: targetBtf === undefined ? undefined : readTypes(targetBtf),
  });
  if (pin !== undefined) collection.pin(pin);
  const loaded = toJson(collection);
  const style = { colors: colorsFor(process.stdout), width: process.stdout.columns };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(loaded, null, 2)}\n` : toText(loaded, style),
  );
}
