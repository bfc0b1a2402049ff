import type { CollectionSpec } from '../collection/index.ts';
import { didYouMean } from '../errors/index.ts';

/** Values of variables and of the kernel's configuration, as the options of a load take them. */
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

/** The text as a value of the type: numbers, enumerators and strings plain, structs and arrays as JSON. */
function parseValue({ btf }: CollectionSpec, typeId: number, text: string): unknown {
  const type = btf?.resolve(typeId);
  if (type?.kind === 'int' && type.encoding === 'bool') {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    return text;
  }
  if (INTEGER.test(text)) {
    const wide = (type?.kind === 'int' && type.size === 8) || type?.kind === 'enum64' || type?.kind === 'ptr';
    return wide ? integer(text) : Number(integer(text));
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * Takes apart what `--set NAME=VALUE` was given.
 *
 * @throws TypeError for anything that is not of that form, and names that the object does not have
 */
export function setValues(spec: CollectionSpec, settings: readonly string[]): SetValues {
  const found: SetValues = { variables: {}, kconfig: {} };
  for (const setting of settings) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || text === undefined) {
      throw new TypeError(`--set ${JSON.stringify(setting)} is not of the form NAME=VALUE`);
    }
    const variable = spec.variables[name];
    if (variable !== undefined) found.variables[name] = parseValue(spec, variable.typeId, text);
    else if (spec.externs[name]?.kind === 'kconfig') found.kconfig[name] = text;
    else {
      const known = [...Object.keys(spec.variables), ...Object.keys(spec.externs)];
      throw new TypeError(`--set ${name}: the object has no variable of that name${didYouMean(name, known)}`);
    }
  }
  return found;
}
