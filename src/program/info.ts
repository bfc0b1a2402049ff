import { type NumberText, nameOrNumber, type ProgramType, programTypes } from '../abi/index.ts';
import { type Fd, progInfo } from '../sys/index.ts';

/** What the kernel tells about a loaded program. Numbers that an older kernel lacks are zero. */
export interface ProgramInfo {
  readonly id: number;
  /** The kernel's name of it: the first 15 characters of the one given. */
  readonly name: string;
  /** The number as text for a type newer than this library. */
  readonly type: ProgramType | NumberText;
  /** A hash of the instructions, 16 hexadecimal digits: the same for the same program. */
  readonly tag: string;
  /** Size in bytes of the instructions after verification; 0 where the caller may not see them. */
  readonly xlatedSize: number;
  /** Size in bytes of the machine code; 0 without JIT, or where the caller may not see it. */
  readonly jitedSize: number;
  /** How many instructions the verifier looked at, all paths counted. Linux >= 5.16 */
  readonly verifiedInstructions: number;
  /** The maps it uses, by id. */
  readonly mapIds: readonly number[];
  /** When it was loaded, in nanoseconds since boot. */
  readonly loadTime: bigint;
  readonly createdByUid: number;
  readonly gplCompatible: boolean;
  /** Index of the network device it is bound to, 0 for none. */
  readonly interfaceIndex: number;
  /** The program's own BTF by id, 0 for none. */
  readonly btfId: number;
  /** The BTF that its attach target is in, by id, 0 for none. Linux >= 6.0 */
  readonly attachBtfObjectId: number;
  /** Its attach target by id in that BTF, 0 for none. Linux >= 6.0 */
  readonly attachBtfId: number;
  /** Total run time in nanoseconds, counted while statistics are enabled. */
  readonly runTime: bigint;
  /** Number of runs, counted while statistics are enabled. */
  readonly runCount: number;
  /** How often it was not run because it was running already. Linux >= 5.12 */
  readonly recursionMisses: number;
}

function mapIdsOf(fd: Fd, count: number): number[] {
  if (count === 0) return [];
  const ids = new Uint32Array(count);
  progInfo(fd, { nr_map_ids: count, map_ids: new Uint8Array(ids.buffer) });
  return [...ids];
}

/** What the kernel tells about the program behind a descriptor. @throws BpfError */
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

/** The instructions as the kernel keeps them, none where the caller may not see them. */
export function xlatedBytes(fd: Fd): Uint8Array {
  const { xlated_prog_len: size } = progInfo(fd);
  const bytes = new Uint8Array(size);
  if (size === 0) return bytes;
  const seen = progInfo(fd, { xlated_prog_len: size, xlated_prog_insns: bytes });
  // The kernel clears the address instead of refusing when the caller may not see the instructions.
  return seen.xlated_prog_insns === 0n ? new Uint8Array() : bytes;
}
