import { type NumberText, nameOrNumber, type ProgramType, programTypes } from '../abi/index.ts';
import { type Fd, progInfo } from '../sys/index.ts';

/** What the kernel says about a loaded program. Numbers are 0 if the kernel is too old for them. */
export interface ProgramInfo {
  readonly id: number;
  /** The name that the kernel keeps: the first 15 characters of the one that was given. */
  readonly name: string;
  /** If the type is newer than this library: its number as text. */
  readonly type: ProgramType | NumberText;
  /** A hash of the instructions, 16 hexadecimal digits: the same for the same program. */
  readonly tag: string;
  /** Size in bytes of the instructions after verification; 0 if the caller may not see them. */
  readonly xlatedSize: number;
  /** Size in bytes of the machine code; 0 without JIT, or if the caller may not see it. */
  readonly jitedSize: number;
  /** How many instructions the verifier looked at, on all paths together. Linux >= 5.16 */
  readonly verifiedInstructions: number;
  /** The ids of the maps that it uses. */
  readonly mapIds: readonly number[];
  /** When it was loaded, in nanoseconds since boot. */
  readonly loadTime: bigint;
  readonly createdByUid: number;
  readonly gplCompatible: boolean;
  /** The index of the network device that it is bound to, or 0. */
  readonly interfaceIndex: number;
  /** The id of the program's own BTF, or 0. */
  readonly btfId: number;
  /** The id of the BTF that describes its attach target, or 0. Linux >= 6.0 */
  readonly attachBtfObjectId: number;
  /** The type id of its attach target in that BTF, or 0. Linux >= 6.0 */
  readonly attachBtfId: number;
  /** Total run time in nanoseconds. The kernel counts it only while statistics are enabled. */
  readonly runTime: bigint;
  /** Number of runs. The kernel counts them only while statistics are enabled. */
  readonly runCount: number;
  /** How often the kernel did not run it because it was running already. Linux >= 5.12 */
  readonly recursionMisses: number;
}

function mapIdsOf(fd: Fd, count: number): number[] {
  if (count === 0) return [];
  const ids = new Uint32Array(count);
  progInfo(fd, { nr_map_ids: count, map_ids: new Uint8Array(ids.buffer) });
  return [...ids];
}

/** Asks the kernel about the program of a descriptor. @throws BpfError */
export function programInfo(fd: Fd): ProgramInfo {
  const info = progInfo(fd);
  return {
    id: info.id,
    name: info.name,
    type: nameOrNumber(programTypes, info.type),
    tag: Buffer.from(info.tag).toString('hex'),
    xlatedSize: info.xlated_prog_len,
    jitedSize: info.jited_prog_len,
    verifiedInstructions: info.verified_insns,
    mapIds: mapIdsOf(fd, info.nr_map_ids),
    loadTime: info.load_time,
    createdByUid: info.created_by_uid,
    gplCompatible: info.gpl_compatible === 1,
    interfaceIndex: info.ifindex,
    btfId: info.btf_id,
    attachBtfObjectId: info.attach_btf_obj_id,
    attachBtfId: info.attach_btf_id,
    runTime: info.run_time_ns,
    runCount: Number(info.run_cnt),
    recursionMisses: Number(info.recursion_misses),
  };
}

/** The instructions as the kernel keeps them; none if the caller may not see them. */
export function xlatedBytes(fd: Fd): Uint8Array {
  const { xlated_prog_len: size } = progInfo(fd);
  const bytes = new Uint8Array(size);
  if (size === 0) return bytes;
  const seen = progInfo(fd, { xlated_prog_len: size, xlated_prog_insns: bytes });
  // If the caller may not see the instructions, the kernel does not refuse: it clears the address.
  return seen.xlated_prog_insns === 0n ? new Uint8Array() : bytes;
}
