import { mapTypes } from '../../abi/index.ts';
import { ByteReader } from '../../bytes/index.ts';
import type { ElfSection } from '../../elf/index.ts';
import { type ObjectContext, problemAt, symbolsIn } from './context.ts';
import { newMapSpec, setFlags } from './map-spec.ts';
import type { MapSpec } from './types.ts';

/**
 * Whether a section holds map definitions in the form from before BTF, `struct bpf_map_def`. libbpf had one section
 * `maps`, gobpf had `maps/NAME` for each map, ir-keytable has `lirc_mode2/maps`.
 */
export function isLegacyMaps({ name, executable }: ElfSection): boolean {
  return !executable && (name === 'maps' || name.startsWith('maps/') || name.endsWith('/maps'));
}

const DEFINITION_SIZE = 20;

/** The maps of a section, each with its offset. */
export function legacyMaps(
  context: ObjectContext,
  section: ElfSection,
): { readonly offset: number; readonly spec: MapSpec }[] {
  const { elf } = context;
  const symbols = symbolsIn(context, section).filter(({ type, name }) => type !== 'section' && name !== '');
  return symbols.map(({ name, value }, index) => {
    const end = symbols[index + 1]?.value ?? section.size;
    if (end - value < DEFINITION_SIZE || value + DEFINITION_SIZE > section.data.length) {
      throw problemAt(
        elf,
        section,
        value,
        `map "${name}" has ${end - value} bytes, expected ${DEFINITION_SIZE} or more`,
      );
    }
    const reader = new ByteReader(section.data, {
      littleEndian: elf.littleEndian,
      file: elf.file,
      section: section.name,
    }).seek(value);
    const number = reader.u32();
    const type = mapTypes.name(number);
    if (type === undefined) {
      throw problemAt(
        elf,
        section,
        value,
        `map "${name}" has the type ${number}, which this library does not know`,
      );
    }
    const spec = newMapSpec({
      ...{ name, section: section.name, type },
      ...{ keySize: reader.u32(), valueSize: reader.u32(), maxEntries: reader.u32() },
    });
    setFlags(spec, reader.u32());
    // Some loaders had more fields after these. Their meaning is unknown, so they must be zero.
    if (section.data.subarray(reader.position, end).some((byte) => byte !== 0)) {
      throw problemAt(
        elf,
        section,
        reader.position,
        `map "${name}" has fields that this library does not know`,
      );
    }
    return { offset: value, spec };
  });
}
