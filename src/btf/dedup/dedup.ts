import { Merger, type TypeStore } from './merger.ts';
import { defines, isForward } from './shape.ts';

/**
 * Lets each declaration stand for the definition of its name, if there is exactly one. Returns whether there was any.
 */
function resolveForwards(store: TypeStore, merger: Merger): boolean {
  const definitions = new Map<string, number>();
  const forwards: number[] = [];
  for (let id = 1; id <= store.count; id++) {
    const type = store.typeOf(id);
    if (type === undefined || type.name === '' || merger.representative(id) !== id) continue;
    if (isForward(type)) {
      if (id > store.baseCount) forwards.push(id);
      continue;
    }
    if (!/^(struct|union|enum|enum64)$/.test(type.kind)) continue;
    // Structs and unions share their names. 0 if there is more than one of a name.
    const name = `${type.kind.startsWith('enum') ? 'enum' : ''} ${type.name}`;
    definitions.set(name, definitions.has(name) ? 0 : id);
  }
  let resolved = false;
  for (const id of forwards) {
    const type = store.typeOf(id);
    if (type === undefined) continue;
    const found = definitions.get(`${type.kind === 'fwd' ? '' : 'enum'} ${type.name}`) ?? 0;
    const definition = found === 0 ? undefined : store.typeOf(found);
    if (definition === undefined || !defines(definition, type)) continue;
    merger.join(id, found);
    resolved = true;
  }
  return resolved;
}

/** Merges all types that are equal, and declarations with their definitions. @returns the type that stands for each */
export function findEqual(store: TypeStore): (id: number) => number {
  const merger = new Merger(store);
  const first = store.baseCount + 1;
  // A merge can make other types equal.
  do {
    while (merger.merge(first, true));
  } while (resolveForwards(store, merger));
  return (id) => merger.representative(id);
}
