import { attachTypes, commands, mapTypes, type NameTable, programTypes } from '../../abi/index.ts';
import { checkString } from '../../errors/index.ts';

/** The four kinds of permission a delegation consists of, as in the mount options `delegate_<kind>`. */
export type PermissionKind = 'cmds' | 'maps' | 'progs' | 'attachs';

export const permissionKinds: readonly PermissionKind[] = ['cmds', 'maps', 'progs', 'attachs'];

/** One permission, as a mount option names it. */
export interface Permission {
  readonly option: `delegate_${PermissionKind}`;
  /** The kernel's name; `unknown bit 63` for one newer than the library. */
  readonly name: string;
}

interface KindNames {
  readonly table: NameTable<string>;
  /** The kernel's prefix, in lower case and without underscores. */
  readonly prefix: RegExp;
}

const KINDS: Readonly<Record<PermissionKind, KindNames>> = {
  cmds: { table: commands, prefix: /^bpf/ },
  maps: { table: mapTypes, prefix: /^bpfmaptype/ },
  progs: { table: programTypes, prefix: /^bpfprogtype/ },
  attachs: { table: attachTypes, prefix: /^bpf/ },
};

/** The most bits a mask can have. */
export const MASK_BITS = 64;
export const ALL: bigint = (1n << BigInt(MASK_BITS)) - 1n;

/** A name of the kernel, or `unknown bit 63` for one newer than the library. */
function bitName(kind: PermissionKind, bit: number): string {
  return KINDS[kind].table.name(bit) ?? `unknown bit ${bit}`;
}

/** Puts a permission into the words of the mount options. */
export function permissionOf(kind: PermissionKind, bit: number): Permission {
  return { option: `delegate_${kind}`, name: bitName(kind, bit) };
}

/** The names of a mask's bits, in the order of their numbers. */
export function namesOf(kind: PermissionKind, mask: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0; bit < MASK_BITS; bit++) {
    if ((mask >> BigInt(bit)) & 1n) names.push(bitName(kind, bit));
  }
  return names;
}

/** The mask of every permission of a kind that the library knows. */
export function knownMask(kind: PermissionKind): bigint {
  return (1n << BigInt(Math.min(KINDS[kind].table.max, MASK_BITS))) - 1n;
}

const compact = (kind: PermissionKind, text: string): string =>
  text.toLowerCase().replaceAll('_', '').replace(KINDS[kind].prefix, '');

const compactNames = new Map<PermissionKind, ReadonlyMap<string, string>>();

/** Names without underscores, so that `BPFMapCreate` from a systemd unit is understood too. */
function compactTable(kind: PermissionKind): ReadonlyMap<string, string> {
  let table = compactNames.get(kind);
  if (table === undefined) {
    table = new Map(KINDS[kind].table.names.map((name) => [compact(kind, name), name]));
    compactNames.set(kind, table);
  }
  return table;
}

/**
 * The bit of a name in any case, with or without prefix and underscores.
 *
 * @throws TypeError for an unknown name, with the nearest known ones
 */
export function parseBit(kind: PermissionKind, text: string): number {
  checkString(`${kind}: a permission`, text);
  const unknown = /^unknown bit (\d{1,2})$/.exec(text)?.[1];
  if (unknown !== undefined && Number(unknown) < MASK_BITS) return Number(unknown);
  const { table } = KINDS[kind];
  return table.number(compactTable(kind).get(compact(kind, text)) ?? table.parse(text));
}

/** {@link parseBit}, or `undefined` for an unknown name. */
export function findBit(kind: PermissionKind, text: string): number | undefined {
  try {
    return parseBit(kind, text);
  } catch {
    return undefined;
  }
}
