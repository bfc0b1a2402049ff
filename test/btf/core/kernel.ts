/** Small made-up kernels and objects for tests of CO-RE. */
import { BtfBuilder, BtfTypes, type CoreRelocation, CoreRelocator } from '../../../src/btf/index.ts';

/** Makes BTF with the types that `fill` adds. */
export function types(fill: (btf: BtfBuilder) => void, base?: BtfTypes): BtfTypes {
  const builder = new BtfBuilder();
  fill(builder);
  return BtfTypes.parse(builder.encode(), base === undefined ? {} : { base });
}

/** Makes a relocation for the object's first type with this name. */
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

/** The value of a relocation of an object's type on a kernel. */
export function valueOn(
  local: BtfTypes,
  target: BtfTypes,
  name: string,
  kind: CoreRelocation['kind'],
  access = '0',
): bigint | undefined {
  return new CoreRelocator(local, target).resolve(relocation(local, name, kind, access)).value;
}
