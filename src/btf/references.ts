import type { NewBtfType } from './encode.ts';

/** The numbers of the types that a type refers to, in the order of the format. */
export function referencesOf(type: NewBtfType | undefined): number[] {
  const found: number[] = [];
  if (type !== undefined) {
    withReferences(type, (id) => {
      found.push(id);
      return id;
    });
  }
  return found;
}

/** The same type, with other numbers for the types that it refers to. */
export function withReferences(type: NewBtfType, map: (id: number) => number): NewBtfType {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'enum':
    case 'enum64':
    case 'fwd':
      return type;
    case 'array':
      return { ...type, type: map(type.type), indexType: map(type.indexType) };
    case 'struct':
    case 'union':
      return { ...type, members: type.members.map((member) => ({ ...member, type: map(member.type) })) };
    case 'func_proto':
      return {
        ...type,
        returnType: map(type.returnType),
        parameters: type.parameters.map(({ name, type: id }) => ({ name, type: map(id) })),
      };
    case 'datasec':
      return { ...type, variables: type.variables.map((each) => ({ ...each, type: map(each.type) })) };
    default:
      return { ...type, type: map(type.type) };
  }
}
