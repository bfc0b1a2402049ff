import type { BtfComposite, BtfTypes } from '../btf/index.ts';
import type { CollectionSpec } from '../collection/index.ts';
import { didYouMean, reword } from '../errors/index.ts';

/** Values of variables and of the kernel's configuration, in the form that the options of a load take. */
export interface SetValues {
  readonly variables: Record<string, unknown>;
  readonly kconfig: Record<string, string>;
}

/** A whole number, decimal or hexadecimal. */
const INTEGER = /^[+-]?(0x[0-9a-f]+|\d+)$/i;

function integer(text: string): bigint {
  const magnitude = BigInt(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -magnitude : magnitude;
}

/** The text as a value of the type: numbers, enumerators and strings are plain, structs and arrays are JSON. */
function parseValue({ btf }: CollectionSpec, typeId: number, text: string): unknown {
  const type = btf?.resolve(typeId);
  if (type?.kind === 'int' && type.encoding === 'bool') {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    return text;
  }
  const isNumber = !['array', 'struct', 'union'].includes(type?.kind ?? '');
  if (type?.kind === 'float' && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (isNumber && INTEGER.test(text)) {
    const wide = (type?.kind === 'int' && type.size === 8) || type?.kind === 'enum64' || type?.kind === 'ptr';
    return wide ? integer(text) : Number(integer(text));
  }
  if (type?.kind !== 'struct' && type?.kind !== 'union' && !/^\s*["[{]/.test(text)) return text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text) as unknown;
  } catch (cause) {
    // A string may begin like that too.
    if (type?.kind === 'array' && !/^\s*[[]/.test(text)) return text;
    throw new TypeError(`${JSON.stringify(text)} is not JSON: ${(cause as Error).message}`);
  }
  return btf === undefined ? parsed : widen(btf, typeId, parsed);
}

/** JSON has no bigints. If the type has 64 bits, numbers and digits in strings become bigints. */
function widen(btf: BtfTypes, typeId: number, value: unknown): unknown {
  const type = btf.resolve(typeId);
  switch (type.kind) {
    case 'array':
      return Array.isArray(value) ? value.map((element) => widen(btf, type.type, element)) : value;
    case 'struct':
    case 'union': {
      if (!(value instanceof Object) || Array.isArray(value)) return value;
      const types = memberTypes(btf, type);
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => {
          const id = types.get(name);
          return [name, id === undefined ? member : widen(btf, id, member)];
        }),
      );
    }
    case 'int':
    case 'ptr':
    case 'enum64': {
      const wide = type.kind === 'int' ? type.size >= 8 : true;
      if (!wide) return value;
      if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
      return typeof value === 'string' && INTEGER.test(value) ? integer(value) : value;
    }
    default:
      return value;
  }
}

/** Types of members by name, including those inside members without a name. */
function memberTypes(btf: BtfTypes, { members }: BtfComposite): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, type } of members) {
    const inner = btf.resolve(type);
    if (name !== '') found.set(name, type);
    else if (inner.kind === 'struct' || inner.kind === 'union') {
      for (const [member, id] of memberTypes(btf, inner)) found.set(member, id);
    }
  }
  return found;
}

function readValue(spec: CollectionSpec, name: string, typeId: number, text: string): unknown {
  try {
    return parseValue(spec, typeId, text);
  } catch (error) {
    if (error instanceof TypeError) reword(error, `--set ${name}: ${error.message}`);
    throw error;
  }
}

/**
 * Parses what `--set NAME=VALUE` was given.
 *
 * @throws TypeError for anything else than that form, for names that the object does not have, and for names set twice
 */
export function setValues(spec: CollectionSpec, settings: readonly string[]): SetValues {
  const found: SetValues = { variables: {}, kconfig: {} };
  for (const setting of settings) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || text === undefined) {
      throw new TypeError(`--set ${JSON.stringify(setting)} is not of the form NAME=VALUE`);
    }
    if (Object.hasOwn({ ...found.variables, ...found.kconfig }, name))
      throw new TypeError(`--set ${name}: it is given twice`);
    const variable = spec.variables[name];
    if (variable !== undefined) found.variables[name] = readValue(spec, name, variable.typeId, text);
    else if (spec.externs[name]?.kind === 'kconfig') found.kconfig[name] = text;
    else {
      const known = [...Object.keys(spec.variables), ...Object.keys(spec.externs)];
      throw new TypeError(`--set ${name}: the object has no variable of that name${didYouMean(name, known)}`);
    }
  }
  return found;
}
