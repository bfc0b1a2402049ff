import { type MapType, mapTypes } from '../../abi/index.ts';
import type { Btf } from '../../btf-object/index.ts';
import {
  addToMessage,
  BpfError,
  ClosedError,
  checkOurs,
  checkPath,
  checkString,
  didYouMean,
  OURS,
  seen,
} from '../../errors/index.ts';
import type { CollectionAttachOptions, Links } from '../../link/index.ts';
import type { BpfMap, MapByType } from '../../map/index.ts';
import { Program } from '../../program/index.ts';
import { linkLayer } from '../link-layer.ts';
import { CollectionSpec } from '../spec/collection-spec.ts';
import type { Named } from '../spec/named.ts';
import type { StructOps } from '../struct-ops/struct-ops.ts';
import type { Variable } from '../variables/variable.ts';
import { checkOptions } from './check-options.ts';
import type { Loaded } from './finish.ts';
import type { Opened } from './opened.ts';
import { asTheyAre, type CollectionOptions } from './options.ts';
import { pinAll } from './pins.ts';
import type { Prepared } from './programs/prepare.ts';
import { loadStages } from './stages.ts';

/** An object file: its spec, its path or URL, or its bytes. */
export type CollectionSource = CollectionSpec | string | URL | Uint8Array;

/**
 * The maps and programs of an object file in the kernel. Loading is all or nothing: when something fails, nothing stays
 * open or pinned.
 *
 * @example
 * using collection = await Collection.load('counter.o');
 * collection.programs.count?.testRun({ data: new Uint8Array(64) });
 * collection.map('counter', 'array').get(0);
 */
export class Collection {
  /** The maps by their names in the source, data sections by section name. If you know the type, use {@link map}. */
  readonly maps: Named<BpfMap>;
  readonly programs: Named<Program>;
  /** The global variables. */
  readonly variables: Named<Variable>;
  /** Structs of functions for the kernel (`SEC(".struct_ops")`), which you can register. */
  readonly structOps: Named<StructOps>;
  /** The object's types in the kernel; `undefined` when it has none, or the kernel refused them. */
  readonly btf: Btf | undefined;
  /** Why the kernel refused the object's types, if it did. The load did not need them. */
  readonly btfProblem: BpfError | undefined;
  readonly #opened: Opened;
  /** They live as long as this object, also if nobody else holds them. */
  #links: readonly Links[] = [];
  #closed = false;

  private constructor(key: typeof OURS, parts: Loaded) {
    checkOurs(key, 'Collection', 'Collection.load or loadSync');
    this.maps = parts.maps;
    this.programs = parts.programs;
    this.variables = parts.variables;
    this.structOps = parts.structOps;
    this.btf = parts.btf;
    this.btfProblem = parts.btfProblem;
    this.#opened = parts.opened;
  }

  /**
   * Creates the maps and loads the programs of an object file. Programs are verified on their own threads, at most four
   * at a time. The event loop and Node's thread pool stay free. Bytes and options are read when you call it, so you may
   * change them afterwards.
   *
   * Needs CAP_BPF, and for some types CAP_PERFMON or CAP_NET_ADMIN, or a token that permits all of it.
   *
   * @throws FormatError for a file that is not what clang's BPF targets write
   * @throws VerifierError with source lines, when the verifier refuses a program
   * @throws RelocationError when CO-RE finds no match in the kernel's types
   * @throws TokenError or BpfError (`EPERM`) when permission is missing; NotSupportedError
   * @throws TypeError, RangeError for wrong options
   */
  static async load(source: CollectionSource, given: CollectionOptions = {}): Promise<Collection> {
    checkOptions(given);
    const options = asTheyAre(given);
    const spec = source instanceof CollectionSpec ? source : await CollectionSpec.load(source);
    const stages = loadStages(spec, options);
    try {
      let step = stages.next();
      while (!step.done) step = stages.next(await loadAll(step.value));
      return new Collection(OURS, step.value);
    } catch (error) {
      throw naming(error, spec.file);
    }
  }

  /** {@link Collection.load}, while the caller waits. */
  static loadSync(source: CollectionSource, options: CollectionOptions = {}): Collection {
    checkOptions(options);
    const spec = source instanceof CollectionSpec ? source : CollectionSpec.loadSync(source);
    const stages = loadStages(spec, options);
    try {
      let step = stages.next();
      while (!step.done) step = stages.next(loadAllSync(step.value));
      return new Collection(OURS, step.value);
    } catch (error) {
      throw naming(error, spec.file);
    }
  }

  /** Whether {@link close} was called. Maps and programs that were closed one by one do not count. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The map of this name; with `type`, as a map of that type.
   *
   * @throws TypeError when the collection has no map of this name, or the map has another type; ClosedError
   */
  map(name: string): BpfMap;
  map<T extends MapType>(name: string, type: T): MapByType<unknown, unknown, unknown>[T];
  map(name: string, type?: MapType): BpfMap {
    this.#assertOpen();
    checkString('Collection.map: name', name);
    // Throws for a name that no type has.
    if (type !== undefined) mapTypes.number(type);
    const map = Object.hasOwn(this.maps, name) ? this.maps[name] : undefined;
    if (map === undefined) {
      throw new TypeError(`Collection.map: the collection has no map "${name}"${hint(name, this.maps)}`);
    }
    if (type !== undefined && map.type !== type) {
      throw new TypeError(`Collection.map: map "${name}" is of type ${map.type}, not ${type}`);
    }
    return map;
  }

  /**
   * Attaches all programs whose sections say where, such as `SEC("tp/sched/sched_switch")`, and registers all struct_ops
   * that have a link. What a section cannot say, such as the network interface for XDP, comes from the options. A program
   * for which nothing says where is in `skipped` of the result. Attaches all or nothing: if one is refused, those before
   * it are closed again.
   *
   * The links stay attached until you close what this returns. They live as long as the collection, so you need not hold
   * them as well; `close()` of the collection does not close them.
   *
   * Which rights and kernel each kind takes is in docs/links.md. Each link takes one or two system calls.
   *
   * @throws BpfError when the kernel refuses one; the error names the program and its section
   * @throws TypeError, RangeError for wrong options; ClosedError
   * @example
   * using collection = await Collection.load('tools.o');
   * using links = collection.attach({ interface: 'eth0', skip: ['debug'] });
   * for (const { program, reason } of links.skipped) console.warn(program, reason);
   */
  attach(options: CollectionAttachOptions = {}): Links {
    this.#assertOpen();
    const links = linkLayer().attachAll(this, options);
    this.#links = [...this.#links.filter(({ closed }) => !closed), links];
    return links;
  }

  /**
   * Pins all maps and programs in a folder of a bpffs, each under its name, with `_` for dots. Makes the folder if it
   * does not exist. Maps that are already pinned there by name stay as they are. Pins all or none.
   *
   * @throws BpfError `EEXIST` when a name is taken, `EPERM` when the folder is not in a bpffs
   * @throws TypeError when `folder` is not a path; ClosedError
   */
  pin(folder: string): void {
    this.#assertOpen();
    checkPath('Collection.pin: folder', folder);
    pinAll(folder, [...Object.entries(this.maps), ...Object.entries(this.programs)], this.#opened.pinned);
  }

  /**
   * Closes everything that the load opened. May be called any number of times. What is pinned or attached stays in the
   * kernel.
   */
  close(): void {
    this.#closed = true;
    this.#opened.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('collection');
  }
}

/** How many names a hint lists if none is near. */
const LISTED = 5;

/** Names that are near, or else the names that there are. */
function hint(name: string, things: object): string {
  const names = Object.keys(things);
  const near = didYouMean(name, names);
  if (near !== '') return near;
  if (names.length === 0) return ': it has none';
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `: it has ${names.slice(0, LISTED).map(seen).join(', ')}${more}`;
}

function loadAll(programs: readonly Prepared[]): Promise<PromiseSettledResult<Program>[]> {
  return Promise.allSettled(programs.map(({ options }) => Program.load(options)));
}

/** Stops at the first failure. */
function loadAllSync(programs: readonly Prepared[]): PromiseSettledResult<Program>[] {
  const results: PromiseSettledResult<Program>[] = [];
  for (const { options } of programs) {
    try {
      results.push({ status: 'fulfilled', value: Program.loadSync(options) });
    } catch (reason) {
      results.push({ status: 'rejected', reason });
      break;
    }
  }
  return results;
}

/** Puts the object file's name before the text of an error. */
function naming(error: unknown, file: string | undefined): unknown {
  if (file !== undefined && BpfError.is(error) && !error.message.startsWith(file)) {
    addToMessage(error, { before: `${file}: ` });
  }
  return error;
}
