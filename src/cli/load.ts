import { Collection, CollectionSpec } from '../collection/index.ts';
import { didYouMean } from '../errors/index.ts';
import { columns, section, type TextStyle } from './columns.ts';
import { show, usage } from './output.ts';
import { readTypes } from './read-types.ts';
import { setValues } from './set-values.ts';

/** The options of `ebpf-ts load`, as the command line has them. */
export interface LoadOptions {
  readonly json?: boolean | undefined;
  readonly pin?: string | undefined;
  readonly targetBtf?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly program?: readonly string[] | undefined;
  readonly allPrograms?: boolean | undefined;
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

function toJson(collection: Collection): LoadJson {
  return {
    maps: Object.entries(collection.maps).map(([name, map]) => ({ name, id: map.info().id, type: map.type })),
    programs: Object.entries(collection.programs).map(([name, program]) => {
      const { id, type, tag, xlatedSize, jitedSize, verifiedInstructions } = program.info();
      return { name, id, type, tag, xlatedSize, jitedSize, verifiedInstructions };
    }),
  };
}

/** The kernel shows the length of the code only with CAP_BPF in the initial user namespace. */
function sizes({ xlatedSize, jitedSize, verifiedInstructions }: LoadJson['programs'][number]): string {
  const code = xlatedSize === 0 ? '' : `${xlatedSize} bytes, ${jitedSize} jited, `;
  return `${code}${verifiedInstructions} instructions verified`;
}

/** @param left - the names of the optional programs that were not loaded */
function toText({ maps, programs }: LoadJson, left: readonly string[], style: TextStyle): string {
  const rows: (readonly [string, string[][]])[] = [
    ['Maps', maps.map(({ name, id, type }) => [name, String(type), `id ${id}`])],
    [
      'Programs',
      programs.map((program) => [
        program.name,
        program.type ?? 'type unknown',
        `id ${program.id}, tag ${program.tag}`,
        sizes(program),
      ]),
    ],
    ['Optional programs, not loaded (see --program)', left.map((name) => [name])],
  ];
  return rows
    .filter(([title, lines]) => title === 'Programs' || lines.length > 0)
    .map(([title, lines]) => section(title, lines.length === 0 ? '  none' : columns(lines, style), style))
    .join('\n');
}

/** @throws TypeError for a program, or struct_ops, that the object does not have */
function checkProgram({ programs, maps }: CollectionSpec, name: string): void {
  if (name in programs || maps[name]?.structOps !== undefined) return;
  const known = Object.keys(programs);
  throw new TypeError(`--program ${name}: the object has no program of that name${didYouMean(name, known)}`);
}

/** Warns about pointers that programs must not rely on. */
function warnOfPointers(file: string, { unsetPointers }: CollectionSpec): void {
  for (const { map, offset, variable, target } of unsetPointers) {
    const where = variable === undefined ? `${map}+${offset}` : `variable "${variable}" (${map}+${offset})`;
    process.stderr.write(`warning: ${file}: the pointer to ${target} in ${where} gets no value\n`);
  }
}

/** `ebpf-ts load`: loads everything, shows it, and keeps only what is pinned. */
export async function loadObject(file: string, options: LoadOptions): Promise<void> {
  const { pin, targetBtf, set = [], program = [], allPrograms = false } = options;
  const spec = await CollectionSpec.load(file);
  const { variables, kconfig } = usage(() => setValues(spec, set));
  for (const name of program) usage(() => checkProgram(spec, name));
  using collection = await Collection.load(spec, {
    variables,
    kconfig,
    programs: allPrograms ? 'all' : program,
    pinPath: pin,
    targetBtf: targetBtf === undefined ? undefined : readTypes(targetBtf),
  });
  warnOfPointers(file, spec);
  if (pin !== undefined) collection.pin(pin);
  const left = Object.keys(spec.programs).filter((name) => !(name in collection.programs));
  show(toJson(collection), options.json, (found, style) => toText(found, left, style));
}
