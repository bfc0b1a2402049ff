import {
  type AttachType,
  attachTypes,
  type NumberText,
  nameOrNumber,
  numberOf,
  type ProgramType,
  programTypes,
} from '../abi/index.ts';
import { decode, type Instruction } from '../asm/index.ts';
import { checkFd, checkKind, type Fd, openById, openPinned, pinObject, unpinObject } from '../sys/index.ts';
import { type ProgramInfo, programInfo, xlatedBytes } from './info.ts';
import { load, loadSync } from './load.ts';
import type { ProgramOptions } from './options.ts';
import { type TestRunOptions, type TestRunResult, testRun } from './test-run.ts';

/**
 * A program in the kernel. It stays loaded as long as something refers to it: this object until
 * {@link close}, a pin, a link.
 *
 * @example
 * ```ts
 * using program = await Program.load({
 *   type: 'socket_filter',
 *   instructions: [mov(r0, 7), exit()],
 * });
 * program.testRun({ data: new Uint8Array(64) }).returnValue; // 7
 * ```
 */
export class Program {
  /** The descriptor; the program's own. */
  readonly fd: Fd;
  /** The name it was given, or the kernel's for one that was opened. */
  readonly name: string;
  /** The number as text for a type newer than this library. */
  readonly type: ProgramType | NumberText;
  /** The kind of place it was loaded for; `undefined` when none was said, or for one that was opened. */
  readonly attachType: AttachType | NumberText | undefined;
  /** What the verifier logged, where `logLevel` asked for it. */
  readonly log: string;

  private constructor(
    fd: Fd,
    about: Pick<ProgramOptions, 'name' | 'attachType'> & { readonly type: ProgramType | NumberText },
    log: string,
  ) {
    this.fd = fd;
    this.name = about.name ?? '';
    this.type = about.type;
    const { attachType } = about;
    this.attachType = typeof attachType === 'number' ? nameOrNumber(attachTypes, attachType) : attachType;
    this.log = log;
  }

  /**
   * Loads a program on a thread of its own: verification can take seconds, and the event loop and Node's thread pool
   * stay free. Four are verified at once at most, the others wait for their turn. A thread has the capabilities of the
   * thread that calls; it serves what waits, too. What the options refer to is copied: it may be closed or changed as
   * soon as this returns its promise.
   *
   * Needs CAP_BPF, and CAP_PERFMON or CAP_NET_ADMIN by type, or a token that allows `prog_load`, the type
   * and the attach type.
   *
   * @throws VerifierError when the verifier refuses, with its log
   * @throws TokenError or BpfError (`EPERM`) when permission is missing
   * @throws TypeError, RangeError for wrong options and instructions that cannot be encoded
   */
  static async load(options: ProgramOptions): Promise<Program> {
    const { fd, log } = await load(options);
    return new Program(fd, options, log);
  }

  /** As {@link Program.load}, while the caller waits. */
  static loadSync(options: ProgramOptions): Program {
    const { fd, log } = loadSync(options);
    return new Program(fd, options, log);
  }

  /**
   * Opens a loaded program by its id. Needs CAP_SYS_ADMIN in the initial user namespace.
   *
   * @throws BpfError `ENOENT` when there is none, `EPERM`
   * @throws TypeError, RangeError for what is no id
   */
  static fromId(id: number): Program {
    return Program.fromFd(openById('program', id));
  }

  /**
   * Opens a program pinned in a BPF file system.
   *
   * @throws BpfError `ENOENT`, `EACCES`, ...; `ERR_BPF_WRONG_OBJECT` when something else is pinned there
   */
  static fromPinned(path: string): Program {
    return Program.fromFd(openPinned(path, 'program'));
  }

  /**
   * Takes over a descriptor of a program. It is closed if it is not one.
   *
   * @throws BpfError `ERR_BPF_WRONG_OBJECT` for the descriptor of something else
   */
  static fromFd(fd: Fd): Program {
    checkFd('Program.fromFd', fd);
    try {
      checkKind(fd, 'program');
      const { name, type } = programInfo(fd);
      return new Program(fd, { name, type }, '');
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /** What the kernel tells about it. @throws BpfError, ClosedError */
  info(): ProgramInfo {
    return programInfo(this.fd);
  }

  /**
   * The instructions as the kernel keeps them after verification, with its rewrites: what
   * `bpftool prog dump xlated` shows. Empty where the caller may not see them (without CAP_PERFMON and
   * CAP_SYS_ADMIN in the initial user namespace, or when kernel pointers are hidden).
   */
  instructions(): Instruction[] {
    return decode(xlatedBytes(this.fd));
  }

  /**
   * Runs the program once, or `repeat` times, on data and context given, without attaching it.
   *
   * @throws NotSupportedError for types that the kernel cannot test
   * @throws BpfError `EINVAL` for what the type does not take, such as packets below 14 bytes
   * @throws ClosedError
   */
  testRun(options: TestRunOptions = {}): TestRunResult {
    return testRun(this.fd, this.#typeNumber(), options);
  }

  /** Pins it at a path of a BPF file system: it stays loaded until the path is removed. @throws BpfError */
  pin(path: string): void {
    pinObject(this.fd, path);
  }

  /**
   * Removes a pin of it. Without other references, it is unloaded by this object's {@link close}.
   *
   * @throws BpfError `ENOENT` when nothing is pinned there, `ERR_BPF_WRONG_OBJECT` when something else is, `EACCES`
   * @throws ClosedError
   */
  unpin(path: string): void {
    unpinObject(this.fd, path);
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

  #typeNumber(): number {
    return numberOf(programTypes, this.type);
  }
}
