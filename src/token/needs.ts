import {
  type AttachType,
  attachTypes,
  type BtfLoadAttr,
  type Command,
  commands,
  type MapCreateAttr,
  type MapType,
  mapTypes,
  type ProgLoadAttr,
  type ProgramType,
  programTypes,
} from '../abi/index.ts';
import type { Capability } from '../sys/index.ts';
import type { Delegation } from './delegation.ts';
import { bitName, type PermissionKind, permissionKinds } from './permission-names.ts';

/** What one bpf(2) call asks for, and how to speak of it. */
export interface Need {
  readonly command: Command;
  /** Completes "Cannot ...": `create map "counters" (hash)`. */
  readonly action: string;
  /** What comes of it: `map "counters"`. */
  readonly object: string;
  /** Whether there is text in the log that the caller gave; `undefined` without one. */
  readonly hasLog?: () => boolean | undefined;
  /** The bit that has to be delegated, for each kind the kernel looks at. */
  readonly bits: Readonly<Partial<Record<PermissionKind, number>>>;
  /** Capabilities that are checked: in the token's user namespace, or in the initial one without a token. */
  readonly capabilities: readonly Capability[];
}

// The kernel's map_create() and bpf_prog_load() (kernel/bpf/syscall.c); pinned by tests that try every type.
const NET_ADMIN_MAPS: ReadonlySet<MapType> = new Set<MapType>([
  'devmap',
  'devmap_hash',
  'sockmap',
  'sockhash',
  'xskmap',
]);

const NET_ADMIN_PROGRAMS: ReadonlySet<ProgramType> = new Set<ProgramType>([
  'sched_cls',
  'sched_act',
  'xdp',
  'cgroup_sock',
  'lwt_in',
  'lwt_out',
  'lwt_xmit',
  'lwt_seg6local',
  'sock_ops',
  'sk_skb',
  'sk_msg',
  'cgroup_device',
  'cgroup_sock_addr',
  'flow_dissector',
  'cgroup_sysctl',
  'cgroup_sockopt',
  'netfilter',
  'ext',
]);

const PERFMON_PROGRAMS: ReadonlySet<ProgramType> = new Set<ProgramType>([
  'kprobe',
  'tracepoint',
  'perf_event',
  'raw_tracepoint',
  'raw_tracepoint_writable',
  'tracing',
  'lsm',
  'struct_ops',
  'ext',
]);

/** The capabilities that creating a map of a type takes, inside the token's user namespace too. */
export function mapCapabilities(type: MapType): readonly Capability[] {
  return NET_ADMIN_MAPS.has(type) ? ['bpf', 'net_admin'] : ['bpf'];
}

/** The capabilities that loading a program of a type takes, inside the token's user namespace too. */
export function programCapabilities(type: ProgramType): readonly Capability[] {
  const capabilities: Capability[] = ['bpf'];
  if (NET_ADMIN_PROGRAMS.has(type)) capabilities.push('net_admin');
  if (PERFMON_PROGRAMS.has(type)) capabilities.push('perfmon');
  return capabilities;
}

/** Attach types that the kernel puts in the place of 0 before it looks at the token. */
const ATTACH_TYPE_FOR_0: Readonly<Partial<Record<ProgramType, AttachType>>> = {
  cgroup_sock: 'cgroup_inet_sock_create',
  sk_reuseport: 'sk_reuseport_select',
};

/**
 * The attach type that has to be delegated for a program. 0 is no exception: a program without an attach
 * type needs number 0, `cgroup_inet_ingress`.
 */
export function effectiveAttachType(programType: number, expected: number): number {
  if (expected !== 0) return expected;
  const type = programTypes.name(programType);
  const rewritten = type === undefined ? undefined : ATTACH_TYPE_FOR_0[type];
  return rewritten === undefined ? 0 : attachTypes.number(rewritten);
}

/** `map "counters"`; without a name `map (hash)`, so that it can be told from others. */
function named(what: string, name: string | Uint8Array | undefined, need: { readonly type: string }): string {
  const text = name instanceof Uint8Array ? Buffer.from(name).toString() : (name ?? '');
  const end = text.indexOf('\0');
  const plain = end === -1 ? text : text.slice(0, end);
  return plain === '' ? `${what} (${need.type})` : `${what} "${plain}"`;
}

const withType = (object: string, type: string): string =>
  object.endsWith(`(${type})`) ? object : `${object} (${type})`;

const startsWithText = (log: unknown): boolean | undefined =>
  log instanceof Uint8Array ? (log[0] ?? 0) !== 0 : undefined;

// Classes, so that texts and lists are made when they are asked for: most calls need none of them.

class MapNeed implements Need {
  readonly command = 'map_create';
  readonly #attr: MapCreateAttr;
  readonly #name: string | undefined;

  constructor(attr: MapCreateAttr, name?: string) {
    this.#attr = attr;
    this.#name = name;
  }

  get #number(): number {
    return this.#attr.map_type ?? 0;
  }

  get type(): string {
    return mapTypes.name(this.#number) ?? `map type ${this.#number}`;
  }

  get object(): string {
    return named('map', this.#name ?? this.#attr.map_name, this);
  }

  get action(): string {
    return `create ${withType(this.object, this.type)}`;
  }

  get bits(): Need['bits'] {
    return { cmds: commands.number(this.command), maps: this.#number };
  }

  get capabilities(): readonly Capability[] {
    const type = mapTypes.name(this.#number);
    return type === undefined ? ['bpf'] : mapCapabilities(type);
  }
}

class ProgramNeed implements Need {
  readonly command = 'prog_load';
  readonly #attr: ProgLoadAttr;
  readonly #name: string | undefined;

  constructor(attr: ProgLoadAttr, name?: string) {
    this.#attr = attr;
    this.#name = name;
  }

  get #number(): number {
    return this.#attr.prog_type ?? 0;
  }

  get type(): string {
    return programTypes.name(this.#number) ?? `program type ${this.#number}`;
  }

  get object(): string {
    return named('program', this.#name ?? this.#attr.prog_name, this);
  }

  get action(): string {
    return `load ${withType(this.object, this.type)}`;
  }

  hasLog(): boolean | undefined {
    return startsWithText(this.#attr.log_buf);
  }

  get bits(): Need['bits'] {
    const attachs = effectiveAttachType(this.#number, this.#attr.expected_attach_type ?? 0);
    return { cmds: commands.number(this.command), progs: this.#number, attachs };
  }

  get capabilities(): readonly Capability[] {
    const type = programTypes.name(this.#number);
    return type === undefined ? ['bpf'] : programCapabilities(type);
  }
}

class BtfNeed implements Need {
  readonly command = 'btf_load';
  readonly action = 'load BTF';
  readonly object = 'BTF';
  readonly capabilities = ['bpf'] as const;
  readonly #attr: BtfLoadAttr;

  constructor(attr: BtfLoadAttr) {
    this.#attr = attr;
  }

  hasLog(): boolean | undefined {
    return startsWithText(this.#attr.btf_log_buf);
  }

  get bits(): Need['bits'] {
    return { cmds: commands.number(this.command) };
  }
}

/** @param name - the whole name, for errors: the attribute holds 15 characters of it */
export function mapNeed(attr: MapCreateAttr, name?: string): Need {
  return new MapNeed(attr, name);
}

/** @param name - the whole name, for errors: the attribute holds 15 characters of it */
export function programNeed(attr: ProgLoadAttr, name?: string): Need {
  return new ProgramNeed(attr, name);
}

export function btfNeed(attr: BtfLoadAttr): Need {
  return new BtfNeed(attr);
}

export function btfByIdNeed(id: number): Need {
  return {
    command: 'btf_get_fd_by_id',
    action: `open BTF by id ${id}`,
    object: `BTF ${id}`,
    bits: { cmds: commands.number('btf_get_fd_by_id') },
    capabilities: ['sys_admin'],
  };
}

/** Whether a delegation covers a call, as the kernel decides it. */
export function allows(delegation: Delegation, need: Need): boolean {
  const { bits } = need;
  for (const kind of permissionKinds) {
    const bit = bits[kind];
    if (bit !== undefined && !delegation.has(kind, bit)) return false;
  }
  return true;
}

/** The permissions of a call that a delegation lacks, by mount option. */
export function missingPermissions(
  delegation: Delegation,
  need: Need,
): { readonly option: `delegate_${PermissionKind}`; readonly name: string }[] {
  const { bits } = need;
  return permissionKinds.flatMap((kind) => {
    const bit = bits[kind];
    if (bit === undefined || delegation.has(kind, bit)) return [];
    return [{ option: `delegate_${kind}` as const, name: bitName(kind, bit) }];
  });
}
