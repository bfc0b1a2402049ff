import { type MapType, mapTypes, type ProgramType, programTypes } from '../abi/index.ts';
import { type Answer, haveMapType, haveProgramType } from '../features/index.ts';
import {
  type CapabilitySets,
  capabilitiesOf,
  inInitialUserNamespace,
  namespaceInode,
  readCapabilities,
  unprivilegedBpfDisabled,
} from '../sys/index.ts';
import {
  type Delegation,
  type DelegationSource,
  findTokens,
  kernelHasTokens,
  mapCreate,
  PATH_VARIABLE,
  progLoad,
  releaseTokens,
  type TokenCandidate,
} from '../token/index.ts';
import { type AnswerJson, answersJson, errorJson } from './answers.ts';

const { release } = process.getBuiltinModule('node:os');

/** A token that was made. */
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
  readonly message?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Everything that `ebpf-ts token status` shows. */
export interface StatusReport {
  readonly kernel: { readonly release: string; readonly tokens: boolean | null };
  readonly userNamespace: { readonly inode: number; readonly initial: boolean } | null;
  /** The sysctl kernel.unprivileged_bpf_disabled. */
  readonly unprivilegedBpfDisabled: number | null;
  readonly capabilities: Readonly<Record<keyof CapabilitySets, readonly string[]>> | null;
  /** LIBBPF_BPF_TOKEN_PATH: the only mount that may be used. Empty: no mount. */
  readonly tokenPath: string | null;
  readonly mounts: readonly TokenCandidate[];
  /** Lines of mountinfo that are not readable as mounts. */
  readonly malformedMounts: readonly string[];
  readonly tokens: readonly TokenReport[];
  readonly mapCreate: TrialReport;
  readonly progLoad: TrialReport;
  /** Whether the kernel has each type, as far as this process may know. */
  readonly mapTypes: Readonly<Record<string, AnswerJson>>;
  readonly programTypes: Readonly<Record<string, AnswerJson>>;
}

/** A fact from /proc, or null if its file does not exist. */
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
    return { type, ok: false, ...errorJson(error) };
  }
}

/** Map types that can all be created with the same sizes. */
const SIMPLE_MAPS: readonly MapType[] = [
  'hash',
  'array',
  'percpu_hash',
  'percpu_array',
  'lru_hash',
  'prog_array',
];
/** Program types that load without an attach type, and with only two instructions. */
const SIMPLE_PROGRAMS: readonly ProgramType[] = ['socket_filter', 'cgroup_skb', 'sched_cls', 'xdp', 'kprobe'];

/** The first type that a token permits, so that the trial shows what works. Otherwise the first of all. */
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

/** `r0 = 0; exit`: the same bytes in the instruction set of every kernel of this byte order. */
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

function eachType<N extends string>(names: readonly N[], ask: (name: N) => Answer): Record<string, Answer> {
  return Object.fromEntries(names.filter((name) => name !== 'unspec').map((name) => [name, ask(name)]));
}

/** Checks everything, and leaves nothing open. */
export function collectStatus(): StatusReport {
  const { tokens, candidates, malformed } = findTokens();
  const reports = tokens.map(({ mount, source, delegation }) => ({ mount, source, delegation }));
  for (const token of tokens) token.close();
  try {
    return {
      kernel: { release: release(), tokens: kernelHasTokens() ?? null },
      userNamespace: orNull(() => ({ inode: namespaceInode('user'), initial: inInitialUserNamespace() })),
      unprivilegedBpfDisabled: unprivilegedBpfDisabled() ?? null,
      capabilities: orNull(capabilitySets),
      tokenPath: process.env[PATH_VARIABLE] ?? null,
      mounts: candidates,
      malformedMounts: malformed.map(({ line, problem }) => `line ${line}: ${problem}`),
      tokens: reports,
      mapCreate: tryMap(reports),
      progLoad: tryProgram(reports),
      mapTypes: answersJson(eachType(mapTypes.names, haveMapType)),
      programTypes: answersJson(eachType(programTypes.names, haveProgramType)),
    };
  } finally {
    releaseTokens();
  }
}
