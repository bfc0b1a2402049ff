import type { BtfTypes } from '../btf/index.ts';
import { BpfError } from '../errors/index.ts';
import { kernelBtf } from '../sys/index.ts';

/** The number of a type of this kind and name; `undefined` if there is none. */
export function typeIdIn(
  types: BtfTypes,
  kind: 'func' | 'struct' | 'typedef',
  name: string,
): number | undefined {
  for (const id of types.idsByName(name)) if (types.kindOf(id) === kind) return id;
  return undefined;
}

/** Whether kernel BTF has a type of this kind and name; `undefined` if it cannot be read. */
export function kernelHas(kind: 'func' | 'struct' | 'typedef', name: string): boolean | undefined {
  try {
    return typeIdIn(kernelBtf(), kind, name) !== undefined;
  } catch (error) {
    if (BpfError.is(error)) return undefined;
    throw error;
  }
}
