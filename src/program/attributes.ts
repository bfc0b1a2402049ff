import { attachTypes, flagBits, type ProgLoadAttr, progLoadFlagTable, programTypes } from '../abi/index.ts';
import { encode, type MapHandle } from '../asm/index.ts';
import { didYouMean } from '../errors/index.ts';
import { kernelName } from '../sys/index.ts';
import { licenseBytes } from './license.ts';
import type { DescriptorHolder, ProgramOptions, Records } from './options.ts';

const SLOT_SIZE = 8;

/**
 * Gives a load what its options refer to: the things themselves or, for a load on another thread, copies of them. The
 * bytes are plain Uint8Arrays, so their size can be trusted.
 */
export interface Access {
  descriptor(holder: DescriptorHolder): number;
  bytes(bytes: Uint8Array): Uint8Array;
}

function encodeInstructions(options: ProgramOptions, access: Access): Uint8Array {
  const { instructions, maps = {} } = options;
  if (instructions instanceof Uint8Array) return access.bytes(instructions);
  return encode(instructions, {
    mapFd: (map: string | MapHandle) => {
      if (typeof map !== 'string') return access.descriptor(map);
      const given = Object.hasOwn(maps, map) ? maps[map] : undefined;
      if (given === undefined) {
        throw new TypeError(`map "${map}" is not among the maps given${didYouMean(map, Object.keys(maps))}`);
      }
      return access.descriptor(given);
    },
  });
}

/** A list of records, as the kernel takes it. */
interface RecordList {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly count: number;
}

function recordList(name: string, records: Records | undefined, access: Access): Partial<RecordList> {
  if (records === undefined) return {};
  const { recordSize: size } = records;
  const bytes = access.bytes(records.bytes);
  const count = bytes.length / size;
  if (Number.isInteger(count)) return { bytes, size, count };
  throw new RangeError(`${name}: ${bytes.length} bytes are not a whole number of ${size}-byte records`);
}

/** Makes the attribute of BPF_PROG_LOAD from the options, without log and token. */
export function programAttributes(options: ProgramOptions, access: Access): ProgLoadAttr {
  const insns = encodeInstructions(options, access);
  if (insns.length === 0 || insns.length % SLOT_SIZE !== 0) {
    throw new RangeError(
      `instructions: ${insns.length} bytes are not a whole, positive number of instructions`,
    );
  }
  const { attachType, attachTo, btf, fdArray } = options;
  const functions = recordList('func_info', options.functionInfo, access);
  const lines = recordList('line_info', options.lineInfo, access);
  return {
    prog_type: programTypes.number(options.type),
    insns,
    insn_cnt: insns.length / SLOT_SIZE,
    license: licenseBytes(options.license ?? ''),
    prog_name: options.name === undefined ? undefined : kernelName('Program.load', options.name),
    expected_attach_type: typeof attachType === 'string' ? attachTypes.number(attachType) : attachType,
    prog_flags: flagBits('Program.load: flags', progLoadFlagTable, options.flags),
    attach_btf_id: options.attachBtfId,
    attach_prog_fd: attachTo === undefined ? undefined : access.descriptor(attachTo),
    prog_ifindex: options.interfaceIndex,
    kern_version: options.kernelVersion,
    prog_btf_fd: btf === undefined ? undefined : access.descriptor(btf),
    func_info: functions.bytes,
    func_info_rec_size: functions.size,
    func_info_cnt: functions.count,
    line_info: lines.bytes,
    line_info_rec_size: lines.size,
    line_info_cnt: lines.count,
    fd_array:
      fdArray === undefined
        ? undefined
        : new Uint8Array(Int32Array.from(fdArray, (one) => access.descriptor(one)).buffer),
  };
}
