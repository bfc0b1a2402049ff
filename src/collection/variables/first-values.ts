import { didYouMean } from '../../errors/index.ts';
import { codecFor } from '../spec/codec.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { MapSpec } from '../spec/types.ts';
import { encodeVariable } from './variable.ts';

/** Whether nothing needs to be written: the kernel fills new maps with zeros. */
function isZero(contents: Uint8Array): boolean {
  return contents.every((byte) => byte === 0);
}

/**
 * The first values of data sections and arenas by the names of their maps, including the given values of variables.
 * Maps that are all zero, and have no given values, are left out. The spec does not change.
 *
 * @throws TypeError for an unknown variable or a value of another type; RangeError for a value that does not fit
 */
export function firstValues(
  spec: CollectionSpec,
  maps: Iterable<readonly [name: string, map: MapSpec]>,
  values: { readonly [name: string]: unknown } = {},
): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  const given = new Set(Object.keys(values).map((name) => spec.variables[name]?.map));
  for (const [name, { contents: first, structOps }] of maps) {
    if (first === undefined || structOps !== undefined) continue;
    if (given.has(name)) contents.set(name, new Uint8Array(first));
    else if (!isZero(first)) contents.set(name, first);
  }
  for (const [name, value] of Object.entries(values)) {
    const variable = spec.variables[name];
    const bytes = variable === undefined ? undefined : contents.get(variable.map);
    if (variable === undefined || bytes === undefined) {
      throw new TypeError(
        `Cannot set variable "${name}": the object has no variable of that name${didYouMean(name, Object.keys(spec.variables))}`,
      );
    }
    const { typeId, offset, size } = variable;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    encodeVariable(codecFor(spec.btf, typeId, size), view, offset, name, value);
  }
  return contents;
}
