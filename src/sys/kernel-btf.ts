import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BtfTypes } from '../btf/index.ts';
import { BpfError, NotSupportedError } from '../errors/index.ts';
import { MemoryMap } from './memory-map.ts';

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

/**
 * The running kernel's BTF as raw bytes, not to be changed: mapped where the kernel allows that
 * (Linux 6.16), else read, which takes several times as long. The mapping goes when nothing refers to it. Writing to it
 * ends the process with SIGSEGV.
 *
 * @throws NotSupportedError on a kernel that was built without BTF
 */
export function kernelBtfBytes(): Uint8Array {
  try {
    return map(VMLINUX_BTF) ?? readFileSync(VMLINUX_BTF);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    throw new NotSupportedError(
      `Cannot read kernel BTF: no ${VMLINUX_BTF}: the kernel needs CONFIG_DEBUG_INFO_BTF=y and a mounted /sys`,
      { feature: 'kernel BTF', since: '5.4', cause },
    );
  }
}

let indexed: BtfTypes | undefined;

/**
 * The types of the running kernel, indexed at the first call and kept for the process.
 *
 * @throws NotSupportedError on a kernel that was built without BTF
 */
export function kernelBtf(): BtfTypes {
  indexed ??= BtfTypes.parse(kernelBtfBytes(), { file: VMLINUX_BTF });
  return indexed;
}

let modules: ReadonlyMap<string, BtfTypes> | undefined;

/** The types of the modules that were loaded when this was first called, by the module's name. */
export function moduleBtf(): ReadonlyMap<string, BtfTypes> {
  if (modules !== undefined) return modules;
  const base = kernelBtf();
  const folder = dirname(VMLINUX_BTF);
  const found = new Map<string, BtfTypes>();
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (file === VMLINUX_BTF) continue;
    try {
      found.set(name, BtfTypes.parse(readFileSync(file), { file, base }));
    } catch (error) {
      // A module that was unloaded this moment, or one built against another kernel's types.
      if (!BpfError.is(error) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  modules = found;
  return found;
}
