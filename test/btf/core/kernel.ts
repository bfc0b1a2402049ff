/** Small made-up kernels and objects for tests of CO-RE. */
import { BtfBuilder, BtfTypes, type CoreRelocation, CoreRelocator } from '../../../src/btf/index.ts';

/** Types written by `fill`. */
export function types(fill: (btf: BtfBuilder) => void, base?: BtfTypes): BtfTypes {
  const builder = new BtfBuilder();
  fill(builder);
  return BtfTypes.parse(builder.encode(), base === undefined ? {} : { base });
}

/** A relocation of the first type of the object with this name. */
export function relocation(
  local: BtfTypes,
  name: string,
  kind: CoreRelocation['kind'],
  access = '0',
): CoreRelocation {
  const [typeId] = local.idsByName(name);
  if (typeId === undefined) throw new Error(`no type ${name}`);
  return { kind, typeId, access };
}

/** What a relocation of an object's type comes to on a kernel. */
export function valueOn(
  local: BtfTypes,
  target: BtfTypes,
  name: string,
  kind: CoreRelocation['kind'],
  access = '0',
): bigint | undefined {
  return new CoreRelocator(local, target).resolve(relocation(local, name, kind, access)).value;
}
