import { type MapType, mapTypes, type ProgramType, programTypes } from '../../abi/index.ts';
import type { Capability } from '../../sys/index.ts';

const mapNumbers = (...names: MapType[]): ReadonlySet<number> => new Set(names.map(mapTypes.number));
const programNumbers = (...names: ProgramType[]): ReadonlySet<number> =>
  new Set(names.map(programTypes.number));

// As in the kernel's map_create() and bpf_prog_load() (kernel/bpf/syscall.c). Tests try every type.
const NET_ADMIN_MAPS = mapNumbers('devmap', 'devmap_hash', 'sockmap', 'sockhash', 'xskmap');

const NET_ADMIN_PROGRAMS = programNumbers(
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
);

const PERFMON_PROGRAMS = programNumbers(
  'kprobe',
  'tracepoint',
  'perf_event',
  'raw_tracepoint',
  'raw_tracepoint_writable',
  'tracing',
  'lsm',
  'struct_ops',
  'ext',
);

/** {@link mapCapabilities} by number, for types newer than the library too. */
export function capabilitiesOfMap(type: number): Capability[] {
  return NET_ADMIN_MAPS.has(type) ? ['bpf', 'net_admin'] : ['bpf'];
}

/** {@link programCapabilities} by number, for types newer than the library too. */
export function capabilitiesOfProgram(type: number): Capability[] {
  const capabilities: Capability[] = ['bpf'];
  if (NET_ADMIN_PROGRAMS.has(type)) capabilities.push('net_admin');
  if (PERFMON_PROGRAMS.has(type)) capabilities.push('perfmon');
  return capabilities;
}

/**
 * The capabilities that creating a map of a type needs, also in the token's user namespace.
 *
 * @throws TypeError for an unknown type, with the nearest known ones
 */
export function mapCapabilities(type: MapType): readonly Capability[] {
  return capabilitiesOfMap(mapTypes.number(mapTypes.parse(type)));
}

/**
 * The capabilities that loading a program of a type needs, also in the token's user namespace.
 *
 * @throws TypeError for an unknown type, with the nearest known ones
 */
export function programCapabilities(type: ProgramType): readonly Capability[] {
  return capabilitiesOfProgram(programTypes.number(programTypes.parse(type)));
}
