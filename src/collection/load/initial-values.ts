import { didYouMean } from '../../errors/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { codecFor } from './codecs.ts';
import type { SpecParts } from './parts.ts';
import { encodeVariable } from './variable.ts';

/** What the kernel gives a new map anyway. */
function isZero(contents: Uint8Array): boolean {
  return contents.every((byte) => byte === 0);
}

/**
 * The first contents of the data sections, with the values of variables that were given put in; not of those that are
 * zero. The spec stays as it is.
 *
 * @throws TypeError for a variable that is not there, or a value of another type; RangeError for one that does not fit
 */
export function initialContents(
  spec: CollectionSpec,
  parts: SpecParts,
  values: { readonly [name: string]: unknown } = {},
): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  const given = new Set(Object.keys(values).map((name) => spec.variables[name]?.map));
  for (const [name, { contents: first, structOps }] of parts.maps) {
    if (first === undefined || structOps !== undefined) continue;
    if (given.has(name)) contents.set(name, new Uint8Array(first));
    else if (!isZero(first)) contents.set(name, first);
  }
  for (const [name, value] of Object.entries(values)) {
    const variable = spec.variables[name];
    const bytes = variable === undefined ? undefined : contents.get(variable.map);
    if (variable === undefined || bytes === undefined) {
      throw new TypeError(
        `Cannot set variable "${name}": the object has none of that name${didYouMean(name, Object.keys(spec.variables))}`,
      );
    }
    const { typeId, offset, size } = variable;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    encodeVariable(codecFor(spec.btf, typeId, size), view, offset, name, value);
  }
  return contents;
}
