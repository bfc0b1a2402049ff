const { release, version } = process.getBuiltinModule('node:os');
const { readFileSync } = process.getBuiltinModule('node:fs');

/** Version, patch level and sublevel of a kernel: 6.12.85. */
export type KernelVersion = readonly [major: number, minor: number, patch: number];

/** What a running kernel says about itself. */
export interface KernelWords {
  /** `uname -r`, to which distributions append their own text: `6.12.85+deb13-amd64`. */
  readonly release: string;
  /** `uname -v`, where Debian has the version that its release may lack: `#1 SMP ... Debian 6.1.76-1 (2024-02-01)`. */
  readonly version: string;
  /** `/proc/version_signature`, where Ubuntu has it: `Ubuntu 5.15.0-91.101-generic 5.15.131`. */
  readonly signature: string | undefined;
}

const NUMBERS = String.raw`(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?`;
const UBUNTU = new RegExp(String.raw`^\S+\s+\S+\s+${NUMBERS}`);
const DEBIAN = new RegExp(`Debian ${NUMBERS}`);
const RELEASE = new RegExp(`^${NUMBERS}`);

/** The version in what a kernel says about itself; `undefined` if there is none. */
export function kernelVersionIn({ release, version, signature }: KernelWords): KernelVersion | undefined {
  const found = UBUNTU.exec(signature ?? '') ?? DEBIAN.exec(version) ?? RELEASE.exec(release);
  if (found === null) return undefined;
  const [, major, minor, patch = 0] = found;
  return [Number(major), Number(minor), Number(patch)];
}

function signature(): string | undefined {
  try {
    return readFileSync('/proc/version_signature', 'latin1');
  } catch {
    // Only Ubuntu has it.
    return undefined;
  }
}

/** The running kernel's version. */
export function kernelVersion(): KernelVersion | undefined {
  return kernelVersionIn({ release: release(), version: version(), signature: signature() });
}
