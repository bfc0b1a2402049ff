import { randomInt } from 'node:crypto';
import { BpfError, wrongType } from '../errors/index.ts';
import {
  type HelperIsolation,
  type HelperRequest,
  parseMountinfo,
  readMountinfo,
  visibleMounts,
} from '../sys/index.ts';
import type { Delegation } from '../token/delegation/index.ts';

const { accessSync, constants, existsSync, realpathSync, statSync } = process.getBuiltinModule('node:fs');
const { dirname, join, resolve, sep } = process.getBuiltinModule('node:path');

/** How many ids the namespace of an isolated run has: those that programs and package managers expect. */
const isolatedIds = 0x10000;

/**
 * The first id outside. Nothing hands out numbers here: useradd and subordinate ids end at 600,100,000, systemd's
 * containers at 0x6fffffff, directory services (SSSD, FreeIPA) at 2,000,200,000 by default, and systemd's next range
 * begins at 0x7ffe0000. Each run takes another part of the range, so that it cannot use the files of another run.
 */
const FIRST = 0x78000000;
const PARTS = (0x7ffe0000 - FIRST) / isolatedIds;

/** The id maps of an isolated namespace: 0 to 65535 inside, all of them unprivileged outside. */
export function isolatedMaps(): Pick<HelperRequest, 'uidMap' | 'gidMap'> {
  const map = `0 ${FIRST + randomInt(PARTS) * isolatedIds} ${isolatedIds}\n`;
  return { uidMap: map, gidMap: map };
}

/** @throws TypeError; RangeError for an id outside the namespace */
export function checkIsolatedId(kind: 'uid' | 'gid', id: number | undefined): void {
  if (id === undefined || (Number.isInteger(id) && id >= 0 && id < isolatedIds)) return;
  if (typeof id !== 'number') throw wrongType(kind, 'a number', id);
  throw new RangeError(`${kind}: an isolated program can have 0 to ${isolatedIds - 1}, not ${id}`);
}

/**
 * Refuses what would outlive an isolated program: a struct_ops that is registered without a link stays in the kernel,
 * for the whole machine, until somebody deletes its map. Everything else ends with the program.
 *
 * @throws TypeError for a delegation with struct_ops maps, including `any`
 */
export function checkIsolatedDelegation(delegation: Delegation): void {
  if (!delegation.has('maps', 'struct_ops')) return;
  const any = delegation.isAny('maps') ? ' ("any" includes it)' : '';
  throw new TypeError(
    `maps: an isolated program cannot have struct_ops${any}: what it registers would stay after it ends; name the map types that it needs`,
  );
}

/** What everybody may do with a file: the permission bits of "others". */
const READ = 4;
const ENTER = 1;
const READ_FOLDER = READ | ENTER;

const below = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === sep ? sep : folder + sep);

/** The folders that lead to a path, starting at the root. */
function waysTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...waysTo(parent), parent];
}

function lacks(path: string, bits: number): boolean {
  return (statSync(path).mode & bits) !== bits;
}

function closed(path: string, needed: string, bits: number): BpfError {
  const mode = (statSync(path).mode & 0o7777).toString(8).padStart(4, '0');
  const what = path === needed ? '' : `, on the way to ${needed},`;
  const folder = statSync(path).isDirectory();
  const how = bits === READ ? 'o+r' : !folder ? 'o+rx' : bits === ENTER ? 'o+x' : '-R o+rX';
  return new BpfError(
    `Cannot isolate: ${path}${what} is closed to other users (mode ${mode}), and an isolated program runs as another user: open it (chmod ${how} ${path}), or use a copy elsewhere`,
    { code: 'EACCES' },
  );
}

/**
 * What an isolated program sees of folders that are closed to it. An empty folder covers each of them. It shows only
 * the files and folders that the program needs, read-only and with their own modes.
 */
export class Views {
  readonly #covers = new Set<string>();
  readonly #views: string[] = [];
  readonly #hidden: readonly string[];

  /** @param hidden - folders that are covered even if they are open; what the program needs from them is shown */
  constructor(hidden: readonly string[] = []) {
    this.#hidden = hidden;
  }

  /**
   * Makes a path reachable. Folders above it may be closed, but the file or folder itself must be open to everybody.
   *
   * @throws BpfError `EACCES` naming the file or folder to open, `ENOENT` if it does not exist
   */
  need(path: string, bits?: number): void {
    const absolute = resolve(path);
    if (!existsSync(absolute)) {
      throw new BpfError(`Cannot isolate: ${absolute} does not exist, or cannot be reached`, {
        code: 'ENOENT',
      });
    }
    const real = realpathSync(absolute);
    // A file must be reachable by its name and, if links lead to it, in its own place.
    for (const name of new Set([absolute, real])) this.#reach(name);
    const needed = bits ?? (statSync(real).isDirectory() ? READ_FOLDER : READ);
    if (lacks(real, needed)) throw closed(real, real, needed);
  }

  #reach(path: string): void {
    const shown = this.#views.find((view) => below(path, view));
    const ways = waysTo(path).filter((way) => shown === undefined || below(way, shown));
    const first = ways.find((way) => lacks(way, ENTER));
    const hidden = this.#hidden.some((folder) => below(path, folder));
    if (shown !== undefined && first !== undefined) throw closed(first, path, ENTER);
    if (shown !== undefined || (first === undefined && !hidden)) return;
    if (first !== undefined) this.#covers.add(first);
    this.#views.push(path);
  }

  /** The helper's work: covers, what they show, and what is hidden in that. */
  get places(): HelperIsolation['places'] {
    const covers = [...this.#covers, ...this.#hidden];
    const outermost = (paths: readonly string[]): string[] =>
      paths.filter((path) => !paths.some((other) => other !== path && below(path, other)));
    const views = outermost(this.#views);
    const within = this.#hidden.filter((path) => views.some((view) => path !== view && below(path, view)));
    const as = (kind: 'cover' | 'view') => (path: string) => ({ kind, path });
    return [
      ...outermost(covers).map(as('cover')),
      ...views.map(as('view')),
      ...outermost(within).map(as('cover')),
    ];
  }
}

/** The file that a name stands for, found as execvp(3) finds it. */
function findProgram(file: string, cwd: string, path = '/bin:/usr/bin'): string | undefined {
  if (file.includes('/')) return resolve(cwd, file);
  return path
    .split(':')
    .map((folder) => resolve(cwd, folder, file))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return statSync(candidate).isFile();
      } catch {
        return false;
      }
    });
}

/** Where things that a program pins or attaches would outlive it, and where it could open pins of others. */
const HIDDEN: ReadonlySet<string> = new Set(['bpf', 'cgroup2']);

function isExecutable(path: string): boolean {
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0;
}

/** What an isolated program needs to start. */
export interface IsolatedStart {
  readonly file: string;
  readonly cwd?: string | URL | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Files and folders that it reads. */
  readonly readable: readonly string[];
  /** Where its bpffs mounts are. */
  readonly mounts: readonly string[];
}

/** The working directory if the program can enter it, otherwise the root. */
function inheritedDirectory(views: Views): string {
  const cwd = process.cwd();
  try {
    views.need(cwd, ENTER);
    return cwd;
  } catch {
    return sep;
  }
}

/**
 * The helper's additional work for an isolated run.
 *
 * @throws BpfError `EACCES` or `ENOENT` naming what the program needs and cannot reach
 */
export function isolation(start: IsolatedStart): HelperIsolation {
  const { mounts } = parseMountinfo(readMountinfo());
  const hidden = visibleMounts(mounts).filter(({ fsType }) => HIDDEN.has(fsType));
  for (const { mountPoint } of hidden) {
    const inside = start.mounts.find(
      (path) => resolve(path) !== mountPoint && below(resolve(path), mountPoint),
    );
    if (inside === undefined) continue;
    throw new BpfError(
      `Cannot isolate: ${inside} is in ${mountPoint}, which an isolated program does not see: mount its bpffs at ${mountPoint} or elsewhere`,
      { code: 'ENOENT' },
    );
  }
  const views = new Views(hidden.map(({ mountPoint }) => mountPoint));
  for (const path of start.readable) views.need(path);
  const given = start.cwd instanceof URL ? start.cwd.pathname : start.cwd;
  if (given !== undefined) views.need(given, ENTER);
  const directory = given === undefined ? inheritedDirectory(views) : resolve(given);
  const program = findProgram(start.file, directory, (start.env ?? process.env).PATH);
  // If it does not exist, or nobody can run it, the helper reports that, as without isolation.
  if (program !== undefined && isExecutable(program)) views.need(program, ENTER);
  return { places: views.places, directory };
}

/** The folder of the package that a file belongs to: the nearest with a package.json. */
function packageOf(file: string): string | undefined {
  return waysTo(file).findLast((folder) => existsSync(join(folder, 'package.json')));
}

/** What a test file reads: its package, the packages installed in folders above it, and this library. */
export function readByTests(file: string, library: string): string[] {
  const real = realpathSync(file);
  const installed = waysTo(real)
    .map((folder) => join(folder, 'node_modules'))
    .filter((folder) => existsSync(folder) && !lacks(folder, READ_FOLDER));
  const packages = [real, library].map((each) => packageOf(each) ?? dirname(each));
  return [...packages, ...installed, real, library];
}
