import { isMappedAs } from './names.ts';

/** A file that a process has mapped to run code from it. */
export interface MappedFile {
  readonly path: string;
  /** Whether the file was deleted or replaced: another file may have this name now. */
  readonly deleted: boolean;
  /** The addresses, as the file's name in /proc/PID/map_files. */
  readonly range: string;
}

// 55d0a000-55d0c000 r-xp 00002000 fe:00 260386    /usr/bin/head
const LINE = /^([0-9a-f]+-[0-9a-f]+) ..x. [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ \d+ +(\/.*)$/;
const DELETED = ' (deleted)';

/** The files that a process runs code from, each once. @param maps - the text of /proc/PID/maps */
export function mappedFiles(maps: string): MappedFile[] {
  const files = new Map<string, MappedFile>();
  for (const line of maps.split('\n')) {
    const [, range, shown] = LINE.exec(line) ?? [];
    if (range === undefined || shown === undefined || files.has(shown)) continue;
    const deleted = shown.endsWith(DELETED);
    // The kernel writes a line feed in a name as \012, and nothing else in that way.
    const path = (deleted ? shown.slice(0, -DELETED.length) : shown).replaceAll('\\012', '\n');
    files.set(shown, { path, deleted, range });
  }
  return [...files.values()];
}

/** The mapped file that a name without a folder stands for. A file of exactly this name wins. */
export function findMapped(maps: string, name: string): MappedFile | undefined {
  const files = mappedFiles(maps).map((file) => ({
    file,
    base: file.path.slice(file.path.lastIndexOf('/') + 1),
  }));
  const exact = files.find(({ base }) => base === name);
  return (exact ?? files.find(({ base }) => isMappedAs(base, name)))?.file;
}
