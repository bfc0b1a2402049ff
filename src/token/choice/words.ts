import { mapTypes, programTypes } from '../../abi/index.ts';
import type { MapNeed, Need, ProgramNeed } from './need.ts';

/** `map "counters"`; without a name `map (hash)`, so that it can be told from others. */
interface Named {
  readonly what: string;
  /** In quotation marks; empty without a name. */
  readonly name: string;
  readonly type: string;
}

function quoted(name: string | Uint8Array | undefined): string {
  const text = name instanceof Uint8Array ? Buffer.from(name).toString() : (name ?? '');
  const end = text.indexOf('\0');
  const plain = end === -1 ? text : text.slice(0, end);
  return plain === '' ? '' : ` "${plain}"`;
}

function named(need: MapNeed | ProgramNeed): Named {
  const [what, table] =
    need.command === 'map_create' ? (['map', mapTypes] as const) : (['program', programTypes] as const);
  const type = table.name(need.type) ?? `${what} type ${need.type}`;
  return { what, name: quoted(need.name), type };
}

/** What comes of a call: `map "counters"`; without a name `map (hash)`, so that it can be told from others. */
export function objectOf(need: Need): string {
  if (need.command === 'btf_load') return 'BTF';
  if (need.command === 'btf_get_fd_by_id') return `BTF ${need.id}`;
  const { what, name, type } = named(need);
  return name === '' ? `${what} (${type})` : `${what}${name}`;
}

/** What a call does, to complete "Cannot …": `create map "counters" (hash)`. */
export function actionOf(need: Need): string {
  if (need.command === 'btf_load') return 'load BTF';
  if (need.command === 'btf_get_fd_by_id') return `open BTF by id ${need.id}`;
  const { what, name, type } = named(need);
  return `${need.command === 'map_create' ? 'create' : 'load'} ${what}${name} (${type})`;
}
