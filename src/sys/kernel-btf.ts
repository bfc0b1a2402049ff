import { BtfTypes } from '../btf/index.ts';
import { BpfError, NotSupportedError } from '../errors/index.ts';
import { kernelBtfById } from './commands/index.ts';
import { isKernelFileSystemMounted, unreadableKernelFile } from './kernel-file.ts';
import { MemoryMap } from './memory-map.ts';

const { dirname, join } = process.getBuiltinModule('node:path');
const { closeSync, fstatSync, openSync, readdirSync, readFileSync } = process.getBuiltinModule('node:fs');

/** Where the running kernel shows its own BTF (CONFIG_DEBUG_INFO_BTF). Readable by everybody. */
export const VMLINUX_BTF = '/sys/kernel/btf/vmlinux';

function map(file: string): Uint8Array | undefined {
  const fd = openSync(file, 'r');
  try {
    const length = fstatSync(fd).size;
    // The kernel refuses shared mappings of it, even for reading (kernel/bpf/sysfs_btf.c).
    return new Uint8Array(MemoryMap.map(fd, file, { length, shared: false }).buffer, 0, length);
  } catch (error) {
    if (BpfError.is(error)) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The kernel's own BTF, from bpf(2), for where /sys does not show it. */
function vmlinuxById(): Uint8Array | undefined {
  for (const { name, bytes } of kernelBtfById()) if (name === 'vmlinux') return bytes();
  return undefined;
}

/**
 * The running kernel's BTF as raw bytes, which must not be changed. They are mapped if the kernel allows that (Linux
 * 6.16), otherwise read, which takes several times as long. Writing to the mapping ends the process with SIGSEGV. The
 * mapping is removed when nothing refers to it any more.
 * If /sys does not show the BTF, bpf(2) is asked, which needs CAP_SYS_ADMIN in the initial user namespace.
 *
 * @throws NotSupportedError on a kernel that was built without BTF; BpfError if neither /sys nor bpf(2) shows it
 */
export function kernelBtfBytes(): Uint8Array {
  try {
    return map(VMLINUX_BTF) ?? readFileSync(VMLINUX_BTF);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const asked = vmlinuxById();
    if (asked !== undefined) return asked;
    if (!isMissing || !isKernelFileSystemMounted(VMLINUX_BTF)) {
      throw unreadableKernelFile('read kernel BTF', VMLINUX_BTF, cause);
    }
    throw new NotSupportedError(
      `Cannot read kernel BTF: there is no ${VMLINUX_BTF}: the kernel needs CONFIG_DEBUG_INFO_BTF=y`,
      { feature: 'kernel BTF', since: '5.4', cause },
    );
  }
}

let indexed: BtfTypes | undefined;

/**
 * The types of the running kernel, indexed at the first call and then kept.
 *
 * @throws NotSupportedError on a kernel that was built without BTF; BpfError if neither /sys nor bpf(2) shows it
 */
export function kernelBtf(): BtfTypes {
  indexed ??= BtfTypes.parse(kernelBtfBytes(), { file: VMLINUX_BTF });
  return indexed;
}

const FOLDER = dirname(VMLINUX_BTF);

/** The modules with BTF, from /sys or, if that is not there, from bpf(2). */
function modulesShown(): { readonly name: string; readonly read: () => Uint8Array | undefined }[] {
  let names: string[];
  try {
    names = readdirSync(FOLDER);
  } catch {
    const found: { name: string; read: () => Uint8Array | undefined }[] = [];
    for (const { name, bytes } of kernelBtfById()) {
      const content = name === 'vmlinux' ? undefined : bytes();
      if (content !== undefined) found.push({ name, read: () => content });
    }
    return found;
  }
  return names
    .sort()
    .filter((name) => name !== 'vmlinux')
    .map((name) => ({ name, read: () => readFileSync(join(FOLDER, name)) }));
}

let modules: ReadonlyMap<string, BtfTypes> | undefined;

/** The types of the modules that were loaded when this was first called, by the module's name. */
export function moduleBtf(): ReadonlyMap<string, BtfTypes> {
  if (modules !== undefined) return modules;
  const base = kernelBtf();
  const found = new Map<string, BtfTypes>();
  for (const { name, read } of modulesShown()) {
    try {
      const bytes = read();
      if (bytes !== undefined) found.set(name, BtfTypes.parse(bytes, { file: join(FOLDER, name), base }));
    } catch (error) {
      // The module was unloaded just now, or was built against another kernel's types.
      if (!BpfError.is(error) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  modules = found;
  return found;
}
