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
import { checkOurs, OURS, rejectOptions } from '../errors/index.ts';
import { parseSectionName } from '../sections/index.ts';
import { checkFd, checkKind, type Fd, openById, openPinned, pinObject, unpinObject } from '../sys/index.ts';
import { type ProgramInfo, programInfo, xlatedBytes } from './info.ts';
import { load, loadSync } from './load.ts';
import type { ProgramOptions } from './options.ts';
import { streamsOf } from './program-text.ts';
import type { ProgramStreams } from './streams.ts';
import { type TestRunOptions, type TestRunResult, testRun } from './test-run.ts';

/**
 * A program in the kernel. It stays loaded as long as something refers to it: this object until {@link close}, a pin,
 * or a link.
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
  /** The descriptor, which this object owns. */
  readonly fd: Fd;
  /** The name that it was loaded with. If it was opened instead: the name that the kernel keeps. */
  readonly name: string;
  /** If the type is newer than this library: its number as text. */
  readonly type: ProgramType | NumberText;
  /** The kind of place that it was loaded for. `undefined` if the load did not say, or if the program was opened. */
  readonly attachType: AttachType | NumberText | undefined;
  /** The section in the source, as written in `SEC("...")`. `undefined` if the load did not name one. */
  readonly section: string | undefined;
  /** What the verifier logged, if `logLevel` asked for it. */
  readonly log: string;
  #streams: ProgramStreams | undefined;

  private constructor(
    key: typeof OURS,
    fd: Fd,
    about: Pick<ProgramOptions, 'name' | 'attachType' | 'section'> & {
      readonly type: ProgramType | NumberText;
    },
    log: string,
  ) {
    checkOurs(key, 'Program', 'Program.load, loadSync, fromId, fromPinned or fromFd');
    this.fd = fd;
    this.name = about.name ?? '';
    this.type = about.type;
    const { attachType } = about;
    this.attachType = typeof attachType === 'number' ? nameOrNumber(attachTypes, attachType) : attachType;
    this.section = about.section;
    this.log = log;
  }

  /**
   * What the section says about the place to attach to: what follows the kind, such as `sched/sched_switch` of
   * `SEC("tp/sched/sched_switch")`. `undefined` if it says nothing.
   */
  get attachTo(): string | undefined {
    return this.section === undefined ? undefined : parseSectionName(this.section)?.attachTo;
  }

  /**
   * Loads a program on its own thread. Verification can take seconds; meanwhile the event loop and Node's thread pool
   * stay free. At most four programs are verified at the same time, the others wait. A thread has the capabilities of
   * the thread that called, and loads waiting programs as well. The options are copied: you may close or change what
   * they refer to as soon as this returns its promise.
   *
   * Needs CAP_BPF, and CAP_PERFMON or CAP_NET_ADMIN for some types, or a token that allows `prog_load`, the type and
   * the attach type.
   *
   * @throws VerifierError if the verifier refuses, with its log
   * @throws TokenError or BpfError (`EPERM`) if permission is missing
   * @throws TypeError, RangeError for wrong options and instructions that cannot be encoded
   */
  static async load(options: ProgramOptions): Promise<Program> {
    const { fd, log } = await load(options);
    return new Program(OURS, fd, options, log);
  }

  /** Does the same as {@link Program.load}, but the caller waits. */
  static loadSync(options: ProgramOptions): Program {
    const { fd, log } = loadSync(options);
    return new Program(OURS, fd, options, log);
  }

  /**
   * Opens a loaded program by its id. Needs CAP_SYS_ADMIN in the initial user namespace.
   *
   * @throws BpfError `ENOENT` if there is none, `EPERM`
   * @throws TypeError, RangeError if the id is not a valid number
   */
  static fromId(id: number): Program;
  static fromId(id: number, options?: unknown): Program {
    rejectOptions('Program.fromId', options);
    return Program.fromFd(openById('program', id));
  }

  /**
   * Opens a program pinned in a BPF file system.
   *
   * @throws BpfError `ENOENT`, `EACCES`, ...; `ERR_BPF_WRONG_OBJECT` if something else is pinned there
   */
  static fromPinned(path: string): Program;
  static fromPinned(path: string, options?: unknown): Program {
    rejectOptions('Program.fromPinned', options);
    return Program.fromFd(openPinned(path, 'program'));
  }

  /**
   * Takes over a descriptor of a program. Closes it if it is something else.
   *
   * @throws BpfError `ERR_BPF_WRONG_OBJECT` if the descriptor is something else
   */
  static fromFd(fd: Fd): Program;
  static fromFd(fd: Fd, options?: unknown): Program {
    rejectOptions('Program.fromFd', options);
    checkFd('Program.fromFd', fd);
    try {
      checkKind(fd, 'program');
      const { name, type } = programInfo(fd);
      return new Program(OURS, fd, { name, type }, '');
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /** Asks the kernel about this program. @throws BpfError, ClosedError */
  info(): ProgramInfo {
    return programInfo(this.fd);
  }

  /**
   * The instructions as the kernel keeps them after verification, with its rewrites. `bpftool prog dump xlated` shows
   * the same. Empty if the caller may not see them: without CAP_PERFMON and CAP_SYS_ADMIN in the initial user
   * namespace, or if kernel pointers are hidden.
   */
  instructions(): Instruction[] {
    return decode(xlatedBytes(this.fd));
  }

  /**
   * Runs the program once, or `repeat` times, on the data and context that you give, without attaching it.
   *
   * @throws NotSupportedError for types that the kernel cannot test
   * @throws BpfError `EINVAL` for what the type does not take, such as packets of less than 14 bytes
   * @throws ClosedError
   */
  testRun(options: TestRunOptions = {}): TestRunResult {
    return testRun(this.fd, this.#typeNumber(), options);
  }

  /**
   * What the program and the kernel have to say about its runs, as text: `program.streams.stdout`,
   * `program.streams.stderr`. Linux >= 6.17
   */
  get streams(): ProgramStreams {
    this.#streams ??= streamsOf(this.fd);
    return this.#streams;
  }

  /** Pins the program in a BPF file system: it stays loaded until this path is removed. @throws BpfError */
  pin(path: string): void {
    pinObject(this.fd, path);
  }

  /**
   * Removes a pin of this program. If nothing else refers to the program, {@link close} then unloads it.
   *
   * @throws BpfError `ENOENT` if nothing is pinned there, `ERR_BPF_WRONG_OBJECT` if something else is, `EACCES`
   * @throws ClosedError
   */
  unpin(path: string): void {
    unpinObject(this.fd, path);
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

  #typeNumber(): number {
    return numberOf(programTypes, this.type);
  }
}
