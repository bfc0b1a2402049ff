import { BpfError, didYouMean, FormatError } from '../../../errors/index.ts';
import { processorLevels } from './cpu-level.ts';
import { locateFile, namesInFolder, readLoaderFile, readProcessFile } from './files.ts';
import { type CachedLibrary, librariesInCache } from './ld-cache.ts';
import {
  foldersOf,
  GLIBC_CACHE,
  GLIBC_FOLDERS,
  MUSL_FOLDERS,
  MUSL_LOADER,
  MUSL_PATHS,
  machine,
} from './loader.ts';
import { findMapped } from './mapped.ts';
import { beginningOf, isLibraryFile, isLibraryName, matchingLibraries } from './names.ts';
import { OWN_ROOT, type Root } from './root.ts';

/** A file that a name was found to stand for. */
export interface Found {
  /** By which this process reaches it. */
  readonly path: string;
  /** Its path as the watched process sees it. */
  readonly inside: string;
}

/** The files of one name as the loader tries them: the one made for most of this processor's features first. */
function inLoaderOrder(libraries: readonly CachedLibrary[]): readonly CachedLibrary[] {
  if (libraries.every(({ level }) => level === undefined)) return libraries;
  const order: readonly (string | undefined)[] = [...processorLevels(), undefined];
  return order.flatMap((wanted) => libraries.filter(({ level }) => level === wanted));
}

/** One search: whose files, and what has been looked at so far, for the refusal. */
class Search {
  readonly #name: string;
  readonly #root: Root;
  readonly #processId: number | undefined;
  readonly #searched: string[] = [];

  constructor(name: string, root: Root, processId: number | undefined) {
    this.#name = name;
    this.#root = root;
    this.#processId = processId;
  }

  /** A variable of the environment that the watched process was started with. */
  #environment(name: string): string | undefined {
    if (this.#processId === undefined || this.#processId === process.pid) return process.env[name];
    const texts = readProcessFile(this.#processId, 'environ')?.split('\0') ?? [];
    return texts.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  #file(inside: string, run = false): Found | undefined {
    const path = locateFile(this.#root, inside, run);
    return path === undefined ? undefined : { path, inside };
  }

  mapped(): Found | undefined {
    if (this.#processId === undefined) return undefined;
    this.#searched.push(`the files that process ${this.#processId} runs`);
    const maps = readProcessFile(this.#processId, 'maps');
    const file = maps === undefined ? undefined : findMapped(maps, this.#name);
    if (file === undefined) return undefined;
    const named = file.deleted ? undefined : this.#file(file.path);
    if (named !== undefined) return named;
    // It has been replaced, as updates do, or it has no name in the process's root. The mapping itself leads to it.
    const path = locateFile(OWN_ROOT, `/proc/${this.#processId}/map_files/${file.range}`);
    return path === undefined
      ? undefined
      : { path, inside: `${file.path}${file.deleted ? ' (deleted)' : ''}` };
  }

  #inFolder(folder: string): Found | undefined {
    const exact = isLibraryFile(this.#name) && !this.#name.endsWith('.so');
    const names = exact ? [this.#name] : matchingLibraries(this.#name, namesInFolder(this.#root, folder));
    for (const name of names) {
      const found = this.#file(`${folder}/${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #inFolders(folders: readonly string[], of?: string): Found | undefined {
    if (folders.length === 0) return undefined;
    this.#searched.push(of === undefined ? folders.join(', ') : `${of} (${folders.join(', ')})`);
    for (const folder of folders) {
      const found = this.#inFolder(folder);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** `undefined` without a cache: musl has none. */
  #cached(beginning: string): CachedLibrary[] | undefined {
    const bytes = readLoaderFile(this.#root, GLIBC_CACHE);
    return bytes === undefined ? undefined : librariesInCache(bytes, beginning);
  }

  #inCache(): Found | undefined {
    let libraries: CachedLibrary[] | undefined;
    try {
      libraries = this.#cached(beginningOf(this.#name));
      if (libraries === undefined) return undefined;
      this.#searched.push(GLIBC_CACHE);
    } catch (error) {
      if (!FormatError.is(error)) throw error;
      // The loader does without it, too.
      this.#searched.push(`${GLIBC_CACHE} (which is damaged: ${error.message})`);
      return undefined;
    }
    const own = libraries.filter(({ flags }) => flags === machine.flags);
    // Libraries of another processor, such as 32-bit ones, count only if there is no other.
    return this.#firstOf(own) ?? this.#firstOf(libraries.filter(({ flags }) => flags !== machine.flags));
  }

  #firstOf(libraries: readonly CachedLibrary[]): Found | undefined {
    const byName = new Map<string, CachedLibrary[]>();
    for (const library of libraries) {
      const known = byName.get(library.name);
      if (known === undefined) byName.set(library.name, [library]);
      else known.push(library);
    }
    for (const name of matchingLibraries(this.#name, byName.keys())) {
      for (const { path } of inLoaderOrder(byName.get(name) ?? [])) {
        const found = this.#file(path);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  library(): Found | undefined {
    const given = foldersOf(this.#environment('LD_LIBRARY_PATH'), /[:;]/);
    const found = this.#inFolders(given, 'LD_LIBRARY_PATH') ?? this.#inCache();
    if (found !== undefined) return found;
    const list = readLoaderFile(this.#root, MUSL_PATHS);
    const musl = foldersOf(list === undefined ? undefined : Buffer.from(list).toString(), /[:\n]/);
    if (musl.length > 0) return this.#inFolders(musl, MUSL_PATHS);
    return this.#inFolders(this.#file(MUSL_LOADER) === undefined ? GLIBC_FOLDERS : MUSL_FOLDERS);
  }

  program(): Found | undefined {
    const folders = foldersOf(this.#environment('PATH'), /:/);
    this.#searched.push(`PATH (${folders.join(', ')})`);
    for (const folder of folders) {
      const found = this.#file(`${folder}/${this.#name}`, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What may have been meant instead. */
  #hint(): string {
    if (this.#root === OWN_ROOT && locateFile(OWN_ROOT, this.#name) !== undefined) {
      return `: the file in this folder is "./${this.#name}"`;
    }
    if (!mayBeLibrary(this.#name)) return '';
    try {
      return didYouMean(this.#name, new Set(this.#cached('')?.map(({ name }) => name)));
    } catch {
      return '';
    }
  }

  refusal(): BpfError {
    const what = `${mayBeLibrary(this.#name) ? 'library' : 'program'} "${this.#name}"${this.#root.owner}`;
    return new BpfError(
      `Cannot find ${what}: ENOENT: it is not in ${this.#searched.join(', ')}${this.#hint()}: give its path`,
      { code: 'ENOENT' },
    );
  }
}

const mayBeLibrary = (name: string): boolean => isLibraryFile(name) || isLibraryName(name);

/**
 * Finds the file that a name without a folder stands for: what the watched process has mapped, else what the dynamic
 * loader finds under this name, else a program in PATH.
 *
 * @param processId - the process that is watched; `undefined` for every process
 * @throws BpfError `ENOENT` that names what was searched
 */
export function findByName(name: string, root: Root, processId: number | undefined): Found {
  const search = new Search(name, root, processId);
  let found = search.mapped();
  if (found === undefined && mayBeLibrary(name)) found = search.library();
  if (found === undefined && !isLibraryFile(name)) found = search.program();
  if (found === undefined) throw search.refusal();
  return found;
}
