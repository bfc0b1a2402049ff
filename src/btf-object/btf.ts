import type { BtfLoadAttr } from '../abi/index.ts';
import { BtfTypes } from '../btf/index.ts';
import { bytesOf } from '../bytes/index.ts';
import {
  checkInteger,
  checkOurs,
  explained,
  OURS,
  rejectOptions,
  rejectUnknownOptions,
  U32,
  wrongType,
} from '../errors/index.ts';
import { btfInfo, checkFd, checkKind, type Fd, namedBtfInfo } from '../sys/index.ts';
import { btfGetFdById, btfLoad, type TokenOption } from '../token/commands.ts';
import { checkLogOptions, type LogOptions, type LogRequest, loadLogged } from '../verifier-log/index.ts';

/** Anything that can encode BTF, such as `BtfBuilder`. */
export interface BtfSource {
  encode(): Uint8Array;
}

export interface BtfLoadOptions extends LogOptions {
  /** Which BPF token to use. Default: the first that helps. */
  readonly token?: TokenOption | undefined;
}

export interface BtfOpenOptions {
  /** Which BPF token to use (Linux >= 6.15). Default: the first that helps. */
  readonly token?: TokenOption | undefined;
}

/** What the kernel says about loaded BTF. */
export interface BtfInfo {
  readonly id: number;
  /** For BTF of the kernel: `vmlinux`, or the name of the module. Otherwise empty. Linux >= 5.11 */
  readonly name: string;
  /** Size of the encoded BTF in bytes. */
  readonly size: number;
  /** Whether it describes the kernel or one of its modules. Linux >= 5.11 */
  readonly kernel: boolean;
}

function load(btf: Uint8Array, log: LogRequest | undefined, token: TokenOption | undefined): Fd {
  const attr: BtfLoadAttr = { btf, btf_size: btf.length };
  if (log === undefined) return btfLoad(attr, token);
  attr.btf_log_buf = log.buffer;
  attr.btf_log_size = log.buffer.length;
  attr.btf_log_level = log.level;
  attr.btf_log_true_size = 0;
  try {
    return btfLoad(attr, token);
  } finally {
    log.trueSize = attr.btf_log_true_size;
  }
}

/** BTF_MAX_SIZE of kernel/bpf/btf.c. */
const LARGEST = 16 << 20;

function whyRefused(code: string, size: number): string | undefined {
  return code === 'E2BIG' && size > LARGEST
    ? `it has ${size} bytes, but the kernel allows at most ${LARGEST} (16 MiB)`
    : undefined;
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
  /** The descriptor, which this object owns. */
  readonly fd: Fd;
  /** What the kernel logged, if `logLevel` asked for it. */
  readonly log: string;

  private constructor(key: typeof OURS, fd: Fd, log: string) {
    checkOurs(key, 'Btf', 'Btf.load, fromId or fromFd');
    this.fd = fd;
    this.log = log;
  }

  /**
   * Loads types that were built in code, or BTF that is already encoded in this machine's byte order. The kernel
   * answers at once.
   *
   * Needs CAP_BPF, or a token that allows `btf_load`. Linux >= 4.18
   *
   * @throws VerifierError if the kernel refuses the types, with its log
   * @throws TokenError or BpfError (`EPERM`) if permission is missing
   */
  static load(source: BtfSource | Uint8Array, options: BtfLoadOptions = {}): Btf {
    rejectUnknownOptions('Btf.load', options, ['logLevel', 'logSize', 'token']);
    checkLogOptions('Btf.load', options);
    const btf = bytesOf(source instanceof Uint8Array ? source : encoded(source));
    try {
      const loaded = loadLogged(
        () => 'load BTF',
        options,
        (log) => load(btf, log, options.token),
      );
      return new Btf(OURS, loaded.fd, loaded.log);
    } catch (error) {
      throw explained(error, ({ code }) => whyRefused(code, btf.length));
    }
  }

  /**
   * Takes over a descriptor of BTF. Closes it if it is something else.
   *
   * @throws BpfError `ERR_BPF_WRONG_OBJECT` if the descriptor is something else
   */
  static fromFd(fd: Fd): Btf;
  static fromFd(fd: Fd, options?: unknown): Btf {
    rejectOptions('Btf.fromFd', options);
    checkFd('Btf.fromFd', fd);
    try {
      checkKind(fd, 'btf');
      btfInfo(fd);
      return new Btf(OURS, fd, '');
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /**
   * Opens loaded BTF by its id. Needs CAP_SYS_ADMIN, or a token that allows `btf_get_fd_by_id`
   * (Linux >= 6.15).
   *
   * @throws BpfError `ENOENT` if there is none; TokenError
   */
  static fromId(id: number, options: BtfOpenOptions = {}): Btf {
    rejectUnknownOptions('Btf.fromId', options, ['token']);
    checkInteger('Btf.fromId: id', id, ...U32);
    try {
      return new Btf(OURS, btfGetFdById(id, options.token), '');
    } catch (error) {
      throw explained(error, ({ code }) => (code === 'ENOENT' ? 'no BTF has this id' : undefined));
    }
  }

  /** Asks the kernel about this BTF. @throws BpfError, ClosedError */
  info(): BtfInfo {
    const { id, text, btf_size, kernel_btf } = namedBtfInfo(this.fd);
    return { id, name: text, size: btf_size, kernel: kernel_btf === 1 };
  }

  /** The encoded BTF, as the kernel keeps it. @throws BpfError, ClosedError */
  bytes(): Uint8Array {
    const { btf_size } = btfInfo(this.fd);
    const bytes = new Uint8Array(btf_size);
    btfInfo(this.fd, { btf: bytes, btf_size });
    return bytes;
  }

  /** The types. @param base - for BTF of a module: the types of the kernel, which it continues */
  types(base?: BtfTypes): BtfTypes {
    return BtfTypes.parse(this.bytes(), base === undefined ? {} : { base });
  }

  get closed(): boolean {
    return this.fd.closed;
  }

  /** Closes the descriptor. May be called any number of times. */
  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
