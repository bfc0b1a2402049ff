import { mapTypes, programTypes } from '../../abi/index.ts';
import type { MapNeed, Need, ProgramNeed } from './need.ts';

/** A space and the name in quotation marks; empty without a name. */
function quoted(name: string | Uint8Array | undefined): string {
  const text = name instanceof Uint8Array ? Buffer.from(name).toString() : (name ?? '');
  const end = text.indexOf('\0');
  const plain = end === -1 ? text : text.slice(0, end);
  return plain === '' ? '' : ` "${plain}"`;
}

/** The words for a map or a program: what it is, its name and its type. */
function named({ command, name, type }: MapNeed | ProgramNeed): { what: string; name: string; type: string } {
  const [what, table] =
    command === 'map_create' ? (['map', mapTypes] as const) : (['program', programTypes] as const);
  return { what, name: quoted(name), type: table.name(type) ?? `${what} type ${type}` };
}

/** What a call creates or opens: `map "counters"`, or without a name `map (hash)`. */
export function objectOf(need: Need): string {
  if (need.command === 'btf_load') return 'BTF';
  if (need.command === 'btf_get_fd_by_id') return `BTF ${need.id}`;
  const { what, name, type } = named(need);
  return name === '' ? `${what} (${type})` : `${what}${name}`;
}

/** What a call does, to complete "Cannot ...": `create map "counters" (hash)`. */
export function actionOf(need: Need): string {
  if (need.command === 'btf_load') return 'load BTF';
  if (need.command === 'btf_get_fd_by_id') return `open BTF by id ${need.id}`;
  const { what, name, type } = named(need);
  return `${need.command === 'map_create' ? 'create' : 'load'} ${what}${name} (${type})`;
}
