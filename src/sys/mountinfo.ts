import { readKernelFile } from './kernel-file.ts';

/** One line of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)), escapes decoded. */
export interface MountInfo {
  readonly id: number;
  /** The id of the mount that this one is on. It is not in the list if it lies outside the process's root. */
  readonly parentId: number;
  /** `major:minor` of the file system, as `stat` shows it in `st_dev`. */
  readonly device: string;
  /** The directory of the file system that is mounted here: `/`, unless this is a bind mount of a part. */
  readonly root: string;
  /** Where it is mounted, relative to the process's root. Bytes that are not UTF-8 read as U+FFFD. */
  readonly mountPoint: string;
  /** The same as the kernel has it. Paths are bytes, and only these can be opened. */
  readonly mountPointBytes: Uint8Array;
  /** Options of the mount, such as `rw` or `nosuid`. */
  readonly options: readonly string[];
  /** Optional fields, such as `shared:12`. */
  readonly propagation: readonly string[];
  readonly fsType: string;
  readonly source: string;
  /** Options of the file system, such as `mode=700` or `delegate_cmds=map_create`. */
  readonly superOptions: readonly string[];
}

/** A line that cannot be read as a mount. */
export interface MalformedMount {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly problem: string;
}

/** What {@link parseMountinfo} found. */
export interface Mountinfo {
  /** In the order of the file, which is not the order of mounting. */
  readonly mounts: readonly MountInfo[];
  /** Lines that were left out. */
  readonly malformed: readonly MalformedMount[];
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Undoes the kernel's octal escapes (`\040` is a space); any other backslash stands for itself. */
function unescapeBytes(field: string): Uint8Array {
  const plain = field.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

const unescapeText = (field: string): string => utf8.decode(unescapeBytes(field));
const splitOptions = (field: string): string[] => field.split(',').map(unescapeText);

/** @returns the mount, or what is wrong with the line */
function parseLine(line: string): MountInfo | string {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', 6);
  if (separator === -1) return 'no " - " between the optional fields and the file system type';
  const [id = '', parentId = '', device = '', root = '', mountPoint = '', options = ''] = fields;
  // An empty source is written as nothing between two spaces.
  const [fsType = '', source, superOptions] = fields.slice(separator + 1);
  if (superOptions === undefined) return 'the file system options are missing';
  if (!/^\d+$/.test(id) || !/^\d+$/.test(parentId))
    return `mount ids "${id}" and "${parentId}" are not numbers`;
  if (!/^\d+:\d+$/.test(device)) return `device "${device}" is not major:minor`;
  // A root outside the file system shows as "/.." and pseudo roots as "net:[4026531840]".
  if (root === '') return 'the root field is empty';
  if (!mountPoint.startsWith('/')) return `mount point "${mountPoint}" is not an absolute path`;
  if (fsType === '') return 'the file system type is empty';
  const mountPointBytes = unescapeBytes(mountPoint);
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescapeText(root),
    mountPoint: utf8.decode(mountPointBytes),
    mountPointBytes,
    options: splitOptions(options),
    propagation: fields.slice(6, separator),
    fsType: unescapeText(fsType),
    source: unescapeText(source ?? ''),
    superOptions: splitOptions(superOptions),
  };
}

/**
 * Parses the text of a mountinfo file. Never throws: a line that cannot be read as a mount is left out and reported,
 * because one odd mount must not hide the others.
 *
 * @param text - the file's bytes; a string is taken as UTF-8
 */
export function parseMountinfo(text: Uint8Array | string): Mountinfo {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  // One character per byte, because a path may hold any byte.
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\n');
  const mounts: MountInfo[] = [];
  const malformed: MalformedMount[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const mount = parseLine(line);
    if (typeof mount !== 'string') mounts.push(mount);
    else malformed.push({ line: index + 1, text: utf8.decode(Buffer.from(line, 'latin1')), problem: mount });
  }
  return { mounts, malformed };
}

const OUTSIDE = -1;
/** One character per byte, so that two paths that are not UTF-8 do not become the same. */
const pathOf = (mount: MountInfo): string => Buffer.from(mount.mountPointBytes).toString('latin1');

/**
 * Keeps the mounts that can be reached through their mount point. Mounts under another mount on the same point are left
 * out (only the top one of a stack is visible), and so are mounts under a directory that was mounted over later.
 */
export function visibleMounts(mounts: readonly MountInfo[]): MountInfo[] {
  const ids = new Set(mounts.map((mount) => mount.id));
  const children = new Map<string, MountInfo>();
  for (const mount of mounts) {
    const listed = ids.has(mount.parentId) && mount.parentId !== mount.id;
    children.set(`${listed ? mount.parentId : OUTSIDE} ${pathOf(mount)}`, mount);
  }
  /** Walks to `path` as the kernel does: at every directory, through everything mounted on it. */
  const resolve = (path: string): MountInfo | undefined => {
    let current: MountInfo | undefined;
    let end = 0;
    while (end <= path.length) {
      const here = path.slice(0, end) || '/';
      const seen = new Set<MountInfo>();
      for (;;) {
        // If a mount's parent is not listed, it lies outside the process's root, or its line was malformed.
        const next = children.get(`${current?.id ?? OUTSIDE} ${here}`) ?? children.get(`${OUTSIDE} ${here}`);
        if (next === undefined || seen.has(next)) break;
        seen.add(next);
        current = next;
      }
      if (here === path) break;
      const slash = path.indexOf('/', end + 1);
      end = slash === -1 ? path.length : slash;
    }
    return current;
  };
  return mounts.filter((mount) => resolve(pathOf(mount)) === mount);
}

/** Reads the mounts that this process sees. @throws BpfError if /proc does not show them */
export function readMountinfo(): Uint8Array {
  return readKernelFile('find out what is mounted', '/proc/self/mountinfo');
}
