const { statfsSync } = process.getBuiltinModule('node:fs');

/** The numbers by which statfs(2) identifies file systems (include/uapi/linux/magic.h). */
const MAGIC = {
  bpf: 0xcafe4a11,
  procfs: 0x9fa0,
  sysfs: 0x62656572,
  tracefs: 0x74726163,
} as const;

/** Whether a path leads to a file system of this type; `undefined` if that cannot be seen. */
export function isFileSystem(path: Uint8Array | string, type: keyof typeof MAGIC): boolean | undefined {
  try {
    return statfsSync(typeof path === 'string' ? path : Buffer.from(path)).type === MAGIC[type];
  } catch {
    return undefined;
  }
}
