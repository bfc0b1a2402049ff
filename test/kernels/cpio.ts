/** Writes cpio archives in the "newc" format, which kernels unpack at boot (initramfs buffer format). */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

export type Entry =
  | { readonly path: string; readonly kind: 'directory' }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }
  | { readonly path: string; readonly kind: 'device'; readonly major: number; readonly minor: number }
  | { readonly path: string; readonly kind: 'text'; readonly text: string; readonly executable?: boolean }
  | { readonly path: string; readonly kind: 'file'; readonly from: string; readonly executable?: boolean };

/** File types and permissions, as in inode(7). */
const MODE = { directory: 0o40755, link: 0o120777, device: 0o20600, text: 0o100644, file: 0o100644 } as const;

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function header(inode: number, mode: number, size: number, name: string, rdev: readonly number[]): Buffer {
  const [major = 0, minor = 0] = rdev;
  const nameBytes = Buffer.byteLength(name) + 1;
  // inode, mode, uid, gid, nlink, mtime, size, device, device of a node, length of the name, checksum
  const fields = [inode, mode, 0, 0, 1, 0, size, 0, 0, major, minor, nameBytes, 0];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes, padding(bytes.length)]);
}

function content(entry: Entry): Buffer {
  if (entry.kind === 'file') return readFileSync(entry.from);
  if (entry.kind === 'text') return Buffer.from(entry.text);
  return Buffer.from(entry.kind === 'link' ? entry.target : '');
}

/** Adds the folders on the way to each entry. They must come before it. */
function withParents(entries: readonly Entry[]): Map<string, Entry> {
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      if (!all.has(path)) all.set(path, { path, kind: 'directory' });
    }
    all.set(entry.path, entry);
  }
  return all;
}

/**
 * Writes an archive. Paths are relative to its root. Missing folders on the way are added. Of two entries with one
 * path, the last one counts.
 */
export function writeCpio(file: string, entries: readonly Entry[]): void {
  const output = openSync(file, 'w');
  try {
    let inode = 0;
    for (const entry of withParents(entries).values()) {
      const data = content(entry);
      const executable = 'executable' in entry && entry.executable === true ? 0o111 : 0;
      const rdev = entry.kind === 'device' ? [entry.major, entry.minor] : [];
      writeSync(output, header(++inode, MODE[entry.kind] | executable, data.length, entry.path, rdev));
      writeSync(output, data);
      writeSync(output, padding(data.length));
    }
    writeSync(output, header(0, 0, 0, 'TRAILER!!!', []));
  } finally {
    closeSync(output);
  }
}
