import {
  checkArray,
  checkOurs,
  checkString,
  didYouMean,
  OURS,
  rejectUnknownOptions,
  seen,
  wrongType,
} from '../../errors/index.ts';
import {
  ALL,
  knownMask,
  MASK_BITS,
  namesOf,
  type Permission,
  type PermissionKind,
  parseBit,
  permissionKinds,
} from './names.ts';
import { type DelegationInit, parsePermissions } from './parse.ts';
import { hex, jsonList, optionText } from './print.ts';
import { type ShownText, shownMask, textInFdinfo, textInMountOptions } from './shown.ts';

/** Four lists of names, or `any`: what `JSON.stringify` writes, and {@link Delegation.from} reads again. */
export interface DelegationJson {
  readonly cmds: string[] | 'any';
  readonly maps: string[] | 'any';
  readonly progs: string[] | 'any';
  readonly attachs: string[] | 'any';
}

/** A delegation as the kernel showed it. */
export interface ShownDelegation {
  readonly delegation: Delegation;
  /** Names of permissions that this library does not know, with their option: the kernel is newer. */
  readonly unknown: readonly Permission[];
}

/** Makes a record with something for each kind of permission. */
const eachKind = <T>(make: (kind: PermissionKind) => T): Record<PermissionKind, T> => ({
  cmds: make('cmds'),
  maps: make('maps'),
  progs: make('progs'),
  attachs: make('attachs'),
});

function checkKind(what: string, kind: unknown): asserts kind is PermissionKind {
  if (permissionKinds.includes(kind as PermissionKind)) return;
  if (typeof kind !== 'string') throw wrongType(`${what}: kind`, 'a string', kind);
  throw new TypeError(
    `${what}: kind must be ${permissionKinds.slice(0, -1).join(', ')} or ${permissionKinds.at(-1)}, ` +
      `got ${seen(kind)}${didYouMean(kind, permissionKinds)}`,
  );
}

/** Another copy of the library has a class of its own, so the masks count. */
function checkDelegation(what: string, value: unknown): void {
  const masks = Object(value) as Readonly<Record<PermissionKind, unknown>>;
  if (permissionKinds.some((kind) => typeof masks[kind] !== 'bigint')) {
    throw wrongType(what, 'a Delegation (see Delegation.from)', value);
  }
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

  private constructor(key: typeof OURS, masks: Readonly<Record<PermissionKind, bigint>>) {
    checkOurs(key, 'Delegation', 'Delegation.from');
    this.cmds = masks.cmds;
    this.maps = masks.maps;
    this.progs = masks.progs;
    this.attachs = masks.attachs;
  }

  /** Nothing at all. */
  static readonly none: Delegation = new Delegation(OURS, { cmds: 0n, maps: 0n, progs: 0n, attachs: 0n });
  /** Everything, now and in later kernels. */
  static readonly any: Delegation = new Delegation(OURS, { cmds: ALL, maps: ALL, progs: ALL, attachs: ALL });

  /**
   * Makes a delegation.
   *
   * @param init - permissions by kind, a delegation, or `any` (in any case)
   * @throws TypeError for an unknown name (with near ones) or key
   * @throws RangeError for a mask that does not fit 64 bits
   */
  static from(init: DelegationInit | Delegation | 'any'): Delegation {
    if (init instanceof Delegation) return init;
    if (typeof init === 'string' && init.trim().toLowerCase() === 'any') return Delegation.any;
    if (typeof init !== 'object' || init === null) throw wrongType('delegation', 'an object or "any"', init);
    rejectUnknownOptions('delegation', init, permissionKinds);
    return Delegation.#of((kind) => parsePermissions(kind, init[kind]));
  }

  /**
   * Reads the `delegate_*` options of a bpffs line in /proc/PID/mountinfo, whatever they are.
   *
   * @throws TypeError if `options` is not a list
   */
  static fromMountOptions(options: readonly string[]): ShownDelegation {
    checkArray('Delegation.fromMountOptions: options', options);
    return Delegation.#shown(textInMountOptions(options));
  }

  /** Reads /proc/PID/fdinfo/FD of a token; `undefined` if it is not a token's. */
  static fromFdinfo(text: string): ShownDelegation | undefined {
    checkString('Delegation.fromFdinfo: text', text);
    const shown = textInFdinfo(text);
    return shown === undefined ? undefined : Delegation.#shown(shown);
  }

  static #of(mask: (kind: PermissionKind) => bigint): Delegation {
    return new Delegation(OURS, eachKind(mask));
  }

  static #shown(textOf: ShownText): ShownDelegation {
    const unknown: Permission[] = [];
    const delegation = Delegation.#of((kind) => shownMask(kind, textOf(kind) ?? '', unknown));
    return { delegation, unknown };
  }

  /** Whether nothing is delegated. The kernel makes no token then. */
  get isEmpty(): boolean {
    return permissionKinds.every((kind) => this[kind] === 0n);
  }

  /**
   * Whether a permission, given by name or number, is delegated.
   *
   * @throws TypeError for an unknown kind or name, with near ones
   */
  has(kind: PermissionKind, permission: string | number): boolean {
    checkKind('Delegation.has', kind);
    if (typeof permission !== 'string' && typeof permission !== 'number') {
      throw wrongType('Delegation.has: permission', 'a name or a number', permission);
    }
    const bit = typeof permission === 'number' ? permission : parseBit(kind, permission);
    return bit >= 0 && bit < MASK_BITS && ((this[kind] >> BigInt(bit)) & 1n) === 1n;
  }

  /** The names of one kind, in the order of their numbers; `unknown bit 63` for those newer than the library. @throws TypeError */
  names(kind: PermissionKind): string[] {
    checkKind('Delegation.names', kind);
    return namesOf(kind, this[kind]);
  }

  /** Every permission, as mount options name it. The list is long for `any`: see {@link isAny}. */
  permissions(): Permission[] {
    return permissionKinds.flatMap((kind) =>
      this.names(kind).map((name): Permission => ({ option: `delegate_${kind}`, name })),
    );
  }

  /** Whether everything of a kind is delegated, including bits that have no meaning yet. @throws TypeError */
  isAny(kind: PermissionKind): boolean {
    checkKind('Delegation.isAny', kind);
    return this[kind] === ALL;
  }

  /** What `wanted` has and this delegation lacks. @throws TypeError */
  missing(wanted: Delegation): Delegation {
    checkDelegation('Delegation.missing: wanted', wanted);
    return Delegation.#of((kind) => wanted[kind] & ~this[kind]);
  }

  /** What this delegation has beyond `wanted`. @throws TypeError */
  excess(wanted: Delegation): Delegation {
    checkDelegation('Delegation.excess: wanted', wanted);
    return wanted.missing(this);
  }

  /** Both together. @throws TypeError */
  union(other: Delegation): Delegation {
    checkDelegation('Delegation.union: other', other);
    return Delegation.#of((kind) => this[kind] | other[kind]);
  }

  /** Whether both delegate the same. @throws TypeError */
  equals(other: Delegation): boolean {
    checkDelegation('Delegation.equals: other', other);
    return permissionKinds.every((kind) => this[kind] === other[kind]);
  }

  /** Whether `other` has everything this delegation has. @throws TypeError */
  isSubsetOf(other: Delegation): boolean {
    checkDelegation('Delegation.isSubsetOf: other', other);
    return other.missing(this).isEmpty;
  }

  /**
   * Whether a mount or token that the kernel shows as `shown` holds exactly this delegation. The kernel
   * writes `any` for every mask with all the bits it knows, and leaves bits it does not know out of a list.
   *
   * @throws TypeError
   */
  matchesShown(shown: Delegation): boolean {
    checkDelegation('Delegation.matchesShown: shown', shown);
    return permissionKinds.every((kind) => {
      const known = knownMask(kind);
      const own = this[kind] & known;
      if (shown.isAny(kind)) return own === known;
      return own === (shown[kind] & known);
    });
  }

  /** Mount options with one hex mask for each kind, the form that every kernel reads correctly. */
  toMountOptions(): Record<`delegate_${PermissionKind}`, string> {
    return {
      delegate_cmds: hex(this.cmds),
      delegate_maps: hex(this.maps),
      delegate_progs: hex(this.progs),
      delegate_attachs: hex(this.attachs),
    };
  }

  /**
   * One kind as a mount option's value: `any`, names joined by `:`, or a hex mask when it has bits newer
   * than the library. Empty when nothing is delegated.
   *
   * @throws TypeError
   */
  toOption(kind: PermissionKind): string {
    checkKind('Delegation.toOption', kind);
    return optionText(kind, this[kind]);
  }

  /** Mount options as the kernel shows them: `delegate_cmds=map_create:prog_load,delegate_maps=hash`. */
  toString(): string {
    return permissionKinds
      .filter((kind) => this[kind] !== 0n)
      .map((kind) => `delegate_${kind}=${this.toOption(kind)}`)
      .join(',');
  }

  toJSON(): DelegationJson {
    return eachKind((kind) => jsonList(kind, this[kind]));
  }
}
