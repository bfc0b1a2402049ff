import type { AttachType, Command, MapType, ProgramType } from '../abi/index.ts';
import { checkArray, checkString, rejectUnknownOptions } from '../errors/index.ts';
import {
  ALL,
  bitName,
  findBit,
  knownMask,
  MASK_BITS,
  type PermissionKind,
  parseBit,
  permissionKinds,
} from './permission-names.ts';

/**
 * The permissions of one kind: names; a text with names separated by `,` or `:`, one number, or `any`;
 * or a mask, in which bit n stands for number n of the kernel's enum.
 */
export type Permissions<N extends string> = readonly (N | (string & {}))[] | bigint | number | string;

/** What a {@link Delegation} is made from; a kind that is left out delegates nothing. */
export interface DelegationInit {
  readonly cmds?: Permissions<Command> | undefined;
  readonly maps?: Permissions<MapType> | undefined;
  readonly progs?: Permissions<ProgramType> | undefined;
  readonly attachs?: Permissions<AttachType> | undefined;
}

/** Four lists of names, or `any`: what `JSON.stringify` writes, and {@link Delegation.from} reads again. */
export interface DelegationJson {
  readonly cmds: string[] | 'any';
  readonly maps: string[] | 'any';
  readonly progs: string[] | 'any';
  readonly attachs: string[] | 'any';
}

/** One permission, as a mount option names it. */
export interface Permission {
  readonly option: `delegate_${PermissionKind}`;
  /** The kernel's name; `unknown bit 63` for one newer than the library. */
  readonly name: string;
}

/** A delegation as the kernel showed it. */
export interface ShownDelegation {
  readonly delegation: Delegation;
  /** Names of permissions that this library does not know, with their option: the kernel is newer. */
  readonly unknown: readonly Permission[];
}

function checkedMask(kind: PermissionKind, mask: bigint, seen: string): bigint {
  if (mask < 0n || mask > ALL) {
    throw new RangeError(`${kind}: ${seen} is not a mask of ${MASK_BITS} bits`);
  }
  return mask;
}

const NUMBER = /^(0x[0-9a-f]+|\d+)$/i;

function maskOfNames(kind: PermissionKind, names: readonly string[]): bigint {
  let mask = 0n;
  for (const word of names) {
    const name = typeof word === 'string' ? word.trim() : String(word);
    if (NUMBER.test(name)) {
      // The kernel would let such a number overwrite the names before it.
      throw new TypeError(`${kind}: the number ${name} cannot stand in a list of names`);
    }
    mask |= name.toLowerCase() === 'any' ? ALL : 1n << BigInt(parseBit(kind, name));
  }
  return mask;
}

function maskOf(kind: PermissionKind, value: Permissions<string> | undefined): bigint {
  if (value === undefined) return 0n;
  if (typeof value === 'bigint') return checkedMask(kind, value, String(value));
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new RangeError(`${kind}: ${value} is not an exact mask: use a bigint`);
    return checkedMask(kind, BigInt(value), String(value));
  }
  if (typeof value === 'string') {
    const text = value.trim();
    if (text === '') return 0n;
    if (NUMBER.test(text)) return checkedMask(kind, BigInt(text), text);
    return maskOfNames(kind, text.split(/[,:]/));
  }
  if (Array.isArray(value)) return maskOfNames(kind, value);
  throw new TypeError(`${kind}: ${String(value)} is neither names, a mask nor "any"`);
}

/** The mask of a text that the kernel wrote: names and numbers may stand side by side, all of them count. */
function shownMask(kind: PermissionKind, text: string, unknown: Permission[]): bigint {
  let mask = 0n;
  for (const word of text.split(':')) {
    const bit = findBit(kind, word);
    if (word === 'any') mask = ALL;
    else if (NUMBER.test(word)) mask |= BigInt(word) & ALL;
    else if (bit !== undefined) mask |= 1n << BigInt(bit);
    else if (word !== '') unknown.push({ option: `delegate_${kind}`, name: word });
  }
  return mask;
}

/**
 * What a bpffs mount or a BPF token permits: four masks of commands, map types, program types and attach types.
 * Immutable. Names are the kernel's own, in lower case without prefix.
 */
export class Delegation {
  /** bpf(2) commands: bit n stands for number n of `enum bpf_cmd`. */
  readonly cmds: bigint;
  /** Map types: `enum bpf_map_type`. */
  readonly maps: bigint;
  /** Program types: `enum bpf_prog_type`. */
  readonly progs: bigint;
  /** Attach types: `enum bpf_attach_type`. */
  readonly attachs: bigint;

  private constructor(masks: Readonly<Record<PermissionKind, bigint>>) {
    this.cmds = masks.cmds;
    this.maps = masks.maps;
    this.progs = masks.progs;
    this.attachs = masks.attachs;
  }

  /** Nothing at all. */
  static readonly none: Delegation = new Delegation({ cmds: 0n, maps: 0n, progs: 0n, attachs: 0n });
  /** Everything, now and in later kernels. */
  static readonly any: Delegation = new Delegation({ cmds: ALL, maps: ALL, progs: ALL, attachs: ALL });

  /**
   * Makes a delegation.
   *
   * @param init - permissions by kind, a delegation, or `any`
   * @throws TypeError for an unknown name (with near ones) or key
   * @throws RangeError for a mask that does not fit 64 bits
   */
  static from(init: DelegationInit | Delegation | 'any'): Delegation {
    if (init instanceof Delegation) return init;
    if (init === 'any') return Delegation.any;
    if (typeof init !== 'object' || init === null) {
      throw new TypeError(`delegation: ${String(init)} is neither an object nor "any"`);
    }
    rejectUnknownOptions('delegation', init, permissionKinds);
    return Delegation.#of((kind) => maskOf(kind, init[kind]));
  }

  /** Reads the `delegate_*` options of a bpffs line in /proc/PID/mountinfo, whatever they are. @throws TypeError for what is no list */
  static fromMountOptions(options: readonly string[]): ShownDelegation {
    checkArray('Delegation.fromMountOptions: options', options);
    return Delegation.#shown((kind) => {
      const key = `delegate_${kind}=`;
      return options.find((option) => String(option).startsWith(key))?.slice(key.length);
    });
  }

  /** Reads /proc/PID/fdinfo/FD of a token. `undefined` when that is not a token's. */
  static fromFdinfo(text: string): ShownDelegation | undefined {
    checkString('Delegation.fromFdinfo: text', text);
    const lines = new Map(
      text.split('\n').map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
    );
    if (!lines.has('allowed_cmds')) return undefined;
    return Delegation.#shown((kind) => lines.get(`allowed_${kind}`));
  }

  static #of(mask: (kind: PermissionKind) => bigint): Delegation {
    return new Delegation({
      cmds: mask('cmds'),
      maps: mask('maps'),
      progs: mask('progs'),
      attachs: mask('attachs'),
    });
  }

  static #shown(textOf: (kind: PermissionKind) => string | undefined): ShownDelegation {
    const unknown: Permission[] = [];
    const delegation = Delegation.#of((kind) => shownMask(kind, textOf(kind) ?? '', unknown));
    return { delegation, unknown };
  }

  /** Whether nothing is delegated. The kernel makes no token then. */
  get isEmpty(): boolean {
    return permissionKinds.every((kind) => this[kind] === 0n);
  }

  /** Whether a permission, given by name or number, is delegated. */
  has(kind: PermissionKind, permission: string | number): boolean {
    const bit = typeof permission === 'number' ? permission : parseBit(kind, permission);
    return bit >= 0 && bit < MASK_BITS && ((this[kind] >> BigInt(bit)) & 1n) === 1n;
  }

  /** The names of one kind, in the order of their numbers; `unknown bit 63` for those newer than the library. */
  names(kind: PermissionKind): string[] {
    const names: string[] = [];
    for (let bit = 0; bit < MASK_BITS; bit++) {
      if ((this[kind] >> BigInt(bit)) & 1n) names.push(bitName(kind, bit));
    }
    return names;
  }

  /** Every permission as mount options name them. Long for `any`: see {@link isAny}. */
  permissions(): Permission[] {
    return permissionKinds.flatMap((kind) =>
      this.names(kind).map((name): Permission => ({ option: `delegate_${kind}`, name })),
    );
  }

  /** Whether everything of a kind is delegated, bits that have no meaning yet included. */
  isAny(kind: PermissionKind): boolean {
    return this[kind] === ALL;
  }

  /** What `wanted` has and this delegation lacks. */
  missing(wanted: Delegation): Delegation {
    return Delegation.#of((kind) => wanted[kind] & ~this[kind]);
  }

  /** What this delegation has beyond `wanted`. */
  excess(wanted: Delegation): Delegation {
    return wanted.missing(this);
  }

  /** Both together. */
  union(other: Delegation): Delegation {
    return Delegation.#of((kind) => this[kind] | other[kind]);
  }

  equals(other: Delegation): boolean {
    return permissionKinds.every((kind) => this[kind] === other[kind]);
  }

  /** Whether `other` has everything this delegation has. */
  isSubsetOf(other: Delegation): boolean {
    return other.missing(this).isEmpty;
  }

  /**
   * Whether a mount or token that the kernel shows as `shown` holds exactly this delegation. The kernel
   * writes `any` for every mask with all the bits it knows, and leaves bits it does not know out of a list.
   */
  matchesShown(shown: Delegation): boolean {
    return permissionKinds.every((kind) => {
      const known = knownMask(kind);
      const own = this[kind] & known;
      if (shown.isAny(kind)) return own === known;
      return own === (shown[kind] & known);
    });
  }

  /** Mount options with one hex mask for each kind, the form that no kernel misreads. */
  toMountOptions(): Record<`delegate_${PermissionKind}`, string> {
    const hex = (kind: PermissionKind): string => `0x${this[kind].toString(16)}`;
    return {
      delegate_cmds: hex('cmds'),
      delegate_maps: hex('maps'),
      delegate_progs: hex('progs'),
      delegate_attachs: hex('attachs'),
    };
  }

  /**
   * One kind as a mount option's value: `any`, names joined by `:`, or a hex mask when it has bits newer
   * than the library. Empty when nothing is delegated.
   */
  toOption(kind: PermissionKind): string {
    if (this.isAny(kind)) return 'any';
    if ((this[kind] & ~knownMask(kind)) !== 0n) return `0x${this[kind].toString(16)}`;
    return this.names(kind).join(':');
  }

  /** Mount options as the kernel shows them: `delegate_cmds=map_create:prog_load,delegate_maps=hash`. */
  toString(): string {
    return permissionKinds
      .filter((kind) => this[kind] !== 0n)
      .map((kind) => `delegate_${kind}=${this.toOption(kind)}`)
      .join(',');
  }

  toJSON(): DelegationJson {
    const list = (kind: PermissionKind): string[] | 'any' => (this.isAny(kind) ? 'any' : this.names(kind));
    return { cmds: list('cmds'), maps: list('maps'), progs: list('progs'), attachs: list('attachs') };
  }
}
