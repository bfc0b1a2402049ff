import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import type { CoreRelocation } from '../ext/index.ts';
import type { BtfOutline } from '../types.ts';
import type { AccessSpec } from './access.ts';
import { familyOf } from './kinds.ts';

const MAX_DEPTH = 8;

/** A type as C refers to it, for errors: `struct pid *`, `char[16]`. */
export function describeType(types: BtfTypes, id: number, depth = 0): string {
  if (depth > MAX_DEPTH) return '\u2026';
  if (depth === 0) checkTypes('describeType: types', types);
  const type: BtfOutline = types.outline(id);
  const inner = (of: number): string => describeType(types, of, depth + 1);
  switch (type.kind) {
    case 'ptr': {
      const to = inner(type.type);
      return to.endsWith('*') ? `${to}*` : `${to} *`;
    }
    case 'array':
      return `${inner(type.type)}[${type.length}]`;
    case 'const':
    case 'volatile':
    case 'restrict':
      return `${type.kind} ${inner(type.type)}`;
    case 'type_tag':
      return inner(type.type);
    case 'struct':
    case 'union':
      return `${type.kind} ${type.name || '{\u2026}'}`;
    case 'enum':
    case 'enum64':
      return `enum ${type.name || '{\u2026}'}`;
    case 'fwd':
      return `${type.of} ${type.name}`;
    case 'func_proto':
      return `${inner(type.returnType)} (${type.parameters.map((parameter) => inner(parameter.type)).join(', ')})`;
    default:
      return type.name || type.kind;
  }
}

/**
 * What a relocation is about, in C, with the access string: `struct task_struct::thread.sp (0:5:1)`,
 * `enum pid_type::PIDTYPE_PID (0)`, `struct pid`.
 *
 * @param spec - its parsed access string, if it could be parsed
 */
export function describeRelocation(types: BtfTypes, relocation: CoreRelocation, spec?: AccessSpec): string {
  const { typeId, access, kind } = relocation;
  const root = typeId <= types.count ? describeType(types, typeId) : `type ${typeId}`;
  if (familyOf(kind) === 'type') return root;
  if (spec === undefined) return `${root} (${access})`;
  let path = '';
  for (const [i, { name, index }] of spec.accessors.entries()) {
    if (name !== undefined) path += path === '' ? `::${name}` : `.${name}`;
    else if (i > 0) path += `[${index}]`;
  }
  const [first] = spec.accessors;
  const element =
    first?.name === undefined && first !== undefined && first.index > 0 ? `[${first.index}]` : '';
  return `${root}${element}${path} (${access})`;
}
