import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { type MapType, mapTypes, type ProgramType, programTypes } from '../abi/index.ts';
import {
  type CapabilitySets,
  capabilitiesOf,
  inInitialUserNamespace,
  namespaceInode,
  readCapabilities,
} from '../sys/index.ts';
import {
  type Delegation,
  type DelegationJson,
  type DelegationSource,
  findTokens,
  kernelHasTokens,
  mapCreate,
  progLoad,
  releaseTokens,
  type TokenCandidate,
} from '../token/index.ts';

/** A token that could be made. */
export interface TokenReport {
  readonly mount: string;
  readonly source: DelegationSource;
  readonly delegation: Delegation;
}

/** Something that was tried. */
export interface TrialReport {
  /** `hash`, `socket_filter`. */
  readonly type: string;
  readonly ok: boolean;
  /** The whole explanation. */
  readonly error?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** All that `ebpf-ts token status` tells. */
export interface StatusReport {
  readonly kernel: { readonly release: string; readonly tokens: boolean | null };
  readonly userNamespace: { readonly inode: number; readonly initial: boolean } | null;
  /** The sysctl kernel.unprivileged_bpf_disabled. */
  readonly unprivilegedBpfDisabled: number | null;
  readonly capabilities: Readonly<Record<keyof CapabilitySets, readonly string[]>> | null;
  readonly mounts: readonly TokenCandidate[];
  /** Lines of mountinfo that do not read as mounts. */
  readonly malformedMounts: readonly string[];
  readonly tokens: readonly TokenReport[];
  readonly mapCreate: TrialReport;
  readonly progLoad: TrialReport;
}

/** The report as JSON shows it. */
export type StatusJson = Omit<StatusReport, 'tokens'> & {
  readonly tokens: readonly (Omit<TokenReport, 'delegation'> & { readonly delegation: DelegationJson })[];
};

/** What /proc tells, or null where there is no such file. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function capabilitySets(): Record<keyof CapabilitySets, string[]> {
  const { effective, permitted, inheritable, bounding, ambient } = readCapabilities();
  return {
    effective: capabilitiesOf(effective),
    permitted: capabilitiesOf(permitted),
    inheritable: capabilitiesOf(inheritable),
    bounding: capabilitiesOf(bounding),
    ambient: capabilitiesOf(ambient),
  };
}

function trial(type: string, create: () => { close(): void }): TrialReport {
  try {
    create().close();
    return { type, ok: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, reason } = error as { code?: unknown; reason?: unknown };
    return {
      type,
      ok: false,
      error: error.message,
      ...(typeof code === 'string' ? { code } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    };
  }
}

/** Map types that are all created with the same sizes. */
const SIMPLE_MAPS: readonly MapType[] = [
  'hash',
  'array',
  'percpu_hash',
  'percpu_array',
  'lru_hash',
  'prog_array',
];
/** Program types that load without an attach type and for which two instructions are a program. */
const SIMPLE_PROGRAMS: readonly ProgramType[] = ['socket_filter', 'cgroup_skb', 'sched_cls', 'xdp', 'kprobe'];

/** The first type that a token permits, so that the trial shows what works; the first at all otherwise. */
function permitted<T extends string>(
  types: readonly [T, ...T[]] | readonly T[],
  kind: 'maps' | 'progs',
  tokens: readonly TokenReport[],
  fallback: T,
): T {
  return types.find((type) => tokens.some(({ delegation }) => delegation.has(kind, type))) ?? fallback;
}

function tryMap(tokens: readonly TokenReport[]): TrialReport {
  const type = permitted(SIMPLE_MAPS, 'maps', tokens, 'hash');
  return trial(type, () =>
    mapCreate({ map_type: mapTypes.number(type), key_size: 4, value_size: 4, max_entries: 1 }),
  );
}

/** `r0 = 0; exit`, the same bytes in the instruction set of every kernel of this byte order. */
const RETURN_0 = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);

function tryProgram(tokens: readonly TokenReport[]): TrialReport {
  const type = permitted(SIMPLE_PROGRAMS, 'progs', tokens, 'socket_filter');
  return trial(type, () =>
    progLoad({
      prog_type: programTypes.number(type),
      insns: RETURN_0,
      insn_cnt: 2,
      license: new TextEncoder().encode('GPL\0'),
    }),
  );
}

/** Looks at everything, and leaves nothing open. */
export function collectStatus(): StatusReport {
  const { tokens, candidates, malformed } = findTokens();
  const reports = tokens.map(({ mount, source, delegation }) => ({ mount, source, delegation }));
  for (const token of tokens) token.close();
  try {
    return {
      kernel: { release: release(), tokens: kernelHasTokens() ?? null },
      userNamespace: orNull(() => ({ inode: namespaceInode('user'), initial: inInitialUserNamespace() })),
      unprivilegedBpfDisabled: orNull(() =>
        Number(readFileSync('/proc/sys/kernel/unprivileged_bpf_disabled', 'latin1')),
      ),
      capabilities: orNull(capabilitySets),
      mounts: candidates,
      malformedMounts: malformed.map(({ line, problem }) => `line ${line}: ${problem}`),
      tokens: reports,
      mapCreate: tryMap(reports),
      progLoad: tryProgram(reports),
    };
  } finally {
    releaseTokens();
  }
}
