import { NO_FLAGS } from '../../abi/index.ts';
import { nameOf, type ObjectContext, placedVariables, pointee, problemAt } from './context.ts';
import { newMapSpec } from './map-spec.ts';
import type { MapSpec, StructOpsProgram } from './types.ts';

const SECTIONS: ReadonlySet<string> = new Set(
  ['.struct_ops', '.struct_ops.link'].flatMap((name) => [name, `?${name}`]),
);

/** The struct_ops maps of an object. Each holds a kernel struct with members that programs implement. */
export function structOpsMaps(context: ObjectContext): MapSpec[] {
  const { elf, btf } = context;
  if (btf === undefined) return [];
  return elf.sections
    .filter(({ name }) => SECTIONS.has(name))
    .flatMap((section) =>
      placedVariables(context, section).map(({ name, type, offset, size }) => {
        const struct = btf.resolve(type.type);
        if (struct.kind !== 'struct') {
          throw problemAt(elf, section, offset, `"${name}" is a ${struct.kind}, expected a struct`);
        }
        const programs: StructOpsProgram[] = elf
          .relocations(section)
          .filter((relocation) => relocation.offset >= offset && relocation.offset < offset + size)
          .map((relocation) => ({
            offset: relocation.offset - offset,
            program: nameOf(context, pointee(context, section, relocation)),
          }));
        return newMapSpec({
          name,
          section: section.name,
          type: 'struct_ops',
          keySize: 4,
          valueSize: struct.size,
          maxEntries: 1,
          flags: section.name.endsWith('.link') ? ['link'] : NO_FLAGS,
          contents: section.data.slice(offset, offset + size),
          structOps: {
            type: struct.name.replace(/___.*$/, ''),
            typeId: struct.id,
            link: section.name.endsWith('.link'),
            programs,
          },
        });
      }),
    );
}
