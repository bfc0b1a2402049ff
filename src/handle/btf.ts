import { type BtfLoadAttr, decodeBtfInfo, encodeInfoRequest, INFO_SIZES } from '../abi/index.ts';
import { BtfTypes } from '../btf/index.ts';
import { bytesOf } from '../bytes/index.ts';
import { checkInteger, explained, rejectUnknownOptions, U32, wrongType } from '../errors/index.ts';
import {
  attempts,
  checkLogOptions,
  type LogOptions,
  type LogRequest,
  type Outcome,
  outcomeOf,
} from '../program/attempts.ts';
import { addressOf, bpf, type Fd, systemError } from '../sys/index.ts';
import { btfGetFdById, btfLoad, type TokenOption } from '../token/commands.ts';

/** Anything that gives encoded BTF, such as `BtfBuilder`. */
export interface BtfSource {
  encode(): Uint8Array;
}

export interface BtfLoadOptions extends LogOptions {
  /** Which BPF token to use. Default: the first that helps. */
  readonly token?: TokenOption | undefined;
}

export interface BtfOpenOptions {
  /** Which BPF token to use; the kernel takes one from Linux 6.15 on. Default: the first that helps. */
  readonly token?: TokenOption | undefined;
}

/** What the kernel tells about loaded BTF. */
export interface BtfInfo {
  readonly id: number;
  /** `vmlinux` or the module's name for BTF of the kernel, else empty. Linux >= 5.11 */
  readonly name: string;
  /** Size of the encoded BTF in bytes. */
  readonly size: number;
  /** Whether it describes the kernel or one of its modules. Linux >= 5.11 */
  readonly kernel: boolean;
}

/** The kernel's module names are shorter (MODULE_NAME_LEN). */
const NAME_SIZE = 64;

interface RawInfo extends BtfInfo {
  readonly bytes: Uint8Array;
}

function readInfo(fd: Fd, room: number): RawInfo {
  const name = new Uint8Array(NAME_SIZE);
  const bytes = new Uint8Array(room);
  const info = new Uint8Array(INFO_SIZES.btf);
  const view = new DataView(info.buffer);
  const request = { name, name_len: NAME_SIZE, btf: room === 0 ? undefined : bytes, btf_size: room };
  const attr = { bpf_fd: fd.value, info_len: encodeInfoRequest('btf', request, view, addressOf), info };
  const result = bpf('obj_get_info_by_fd', attr, request);
  if (result < 0) throw systemError(`read about ${fd.what}`, 'bpf', -result, 'obj_get_info_by_fd');
  const found = decodeBtfInfo(view, attr.info_len);
  return {
    id: found.id,
    name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    size: found.btf_size,
    kernel: found.kernel_btf === 1,
    bytes,
  };
}

function attempt(base: BtfLoadAttr, log: LogRequest | undefined, token: TokenOption | undefined): Outcome {
  const { buffer, level } = log ?? {};
  const attr: BtfLoadAttr =
    buffer === undefined
      ? base
      : {
          ...base,
          btf_log_buf: buffer,
          btf_log_size: buffer.length,
          btf_log_level: level,
          btf_log_true_size: 0,
        };
  try {
    return { result: btfLoad(attr, token) };
  } catch (error) {
    return { result: outcomeOf(error), logTrueSize: attr.btf_log_true_size };
  }
}

function encoded(source: BtfSource): Uint8Array {
  if (typeof source !== 'object' || source === null || typeof source.encode !== 'function') {
    throw wrongType('Btf.load: source', 'bytes, or something with encode() such as BtfBuilder', source);
  }
  return source.encode();
}

/**
 * BTF in the kernel: the types of programs and maps, or those of the kernel and its modules.
 *
 * @example
 * ```ts
 * const types = new BtfBuilder();
 * types.int('unsigned int', 4);
 * using btf = Btf.load(types);
 * btf.info().id;
 * ```
 */
export class Btf {
  /** The descriptor; its own. */
  readonly fd: Fd;
  /** What the kernel logged, where `logLevel` asked for it. */
  readonly log: string;

  private constructor(fd: Fd, log: string) {
    this.fd = fd;
    this.log = log;
  }

  /**
   * Loads types that were built in code, or BTF already encoded in this machine's byte order. The
   * kernel answers at once.
   *
   * Needs CAP_BPF, or a token that allows `btf_load`. Linux >= 4.18
   *
   * @throws VerifierError when the kernel refuses the types, with its log
   * @throws TokenError or BpfError (`EPERM`) when permission is missing
   */
  static load(source: BtfSource | Uint8Array, options: BtfLoadOptions = {}): Btf {
    rejectUnknownOptions('Btf.load', options, ['logLevel', 'logSize', 'token']);
    checkLogOptions('Btf.load', options);
    const btf = bytesOf(source instanceof Uint8Array ? source : encoded(source));
    const steps = attempts(() => 'load BTF', options);
    let step = steps.next();
    while (!step.done) step = steps.next(attempt({ btf, btf_size: btf.length }, step.value, options.token));
    return new Btf(step.value.fd, step.value.log);
  }

  /**
   * Opens loaded BTF by its id. Needs CAP_SYS_ADMIN, or a token that allows `btf_get_fd_by_id`
   * (Linux >= 6.15).
   *
   * @throws BpfError `ENOENT` when there is none; TokenError
   */
  static fromId(id: number, options: BtfOpenOptions = {}): Btf {
    rejectUnknownOptions('Btf.fromId', options, ['token']);
    checkInteger('Btf.fromId: id', id, ...U32);
    try {
      return new Btf(btfGetFdById(id, options.token), '');
    } catch (error) {
      throw explained(error, ({ code }) => (code === 'ENOENT' ? 'no BTF has this id' : undefined));
    }
  }

  /** What the kernel tells about it. @throws BpfError, ClosedError */
  info(): BtfInfo {
    const { id, name, size, kernel } = readInfo(this.fd, 0);
    return { id, name, size, kernel };
  }

  /** The encoded BTF, as the kernel keeps it. @throws BpfError, ClosedError */
  bytes(): Uint8Array {
    return readInfo(this.fd, readInfo(this.fd, 0).size).bytes;
  }

  /** The types. @param base - those it builds upon: the kernel's, for BTF of a module */
  types(base?: BtfTypes): BtfTypes {
    return BtfTypes.parse(this.bytes(), base === undefined ? {} : { base });
  }

  get closed(): boolean {
    return this.fd.closed;
  }

  /** Gives the descriptor up; any number of times. */
  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
