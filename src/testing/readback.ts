import { type BpfError, NotSupportedError, TokenError } from '../errors/index.ts';
import type { MountInfo } from '../sys/index.ts';
import { Delegation } from '../token/delegation/index.ts';

const UNSUPPORTED = 'this kernel drops the delegate_* options: BPF tokens came with Linux 6.9';

function difference(asked: Delegation, shown: Delegation): string {
  const list = (delegation: Delegation): string => delegation.toString() || 'nothing';
  const parts: string[] = [];
  const missing = shown.missing(asked);
  const excess = shown.excess(asked);
  if (!missing.isEmpty) parts.push(`${list(missing)} is missing (this kernel may not know it)`);
  if (!excess.isEmpty) parts.push(`${list(excess)} was not asked for`);
  return parts.join('; ');
}

/**
 * Compares what the kernel shows with what was asked for, because the kernel silently accepts misspelled and unknown
 * options.
 *
 * @param mounts - the mounts that were made, as the program's process sees them
 * @returns what is wrong, if anything
 */
export function checkMount(
  mounts: readonly MountInfo[],
  path: string,
  device: string,
  asked: Delegation,
): BpfError | undefined {
  const mount = mounts.find((entry) => entry.device === device && entry.fsType === 'bpf');
  const fail = (problem: string): TokenError =>
    new TokenError(`Cannot delegate BPF at ${path}: ERR_BPF_TOKEN_READBACK: ${problem}`, {
      code: 'ERR_BPF_TOKEN_READBACK',
      reason: 'cannot_delegate',
      mount: path,
    });
  if (mount === undefined) return fail('the mount does not show in mountinfo');
  const { delegation, unknown } = Delegation.fromMountOptions(mount.superOptions);
  // A kernel newer than the library may have names for bits that were given by number.
  if (unknown.length > 0 && !asked.permissions().some(({ name }) => name.startsWith('unknown bit'))) {
    const names = unknown.map(({ option, name }) => `${option}=${name}`).join(', ');
    return fail(`the kernel shows ${names}, which was not asked for`);
  }
  if (asked.matchesShown(delegation)) return undefined;
  if (delegation.isEmpty && !mount.superOptions.some((option) => option.startsWith('delegate_'))) {
    return new NotSupportedError(`Cannot delegate BPF at ${path}: ${UNSUPPORTED}`, {
      feature: 'BPF tokens',
      since: '6.9',
    });
  }
  return fail(difference(asked, delegation));
}
