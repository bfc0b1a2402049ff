import type { AttachType } from '../../../abi/index.ts';
import { BpfError } from '../../../errors/index.ts';
import { parseSectionName } from '../../../sections/index.ts';
import { kernelBtf } from '../../../sys/index.ts';
import type { ProgramSpec } from '../../spec/types.ts';

/** Only the implementation of links to several places of a program has this function (Linux >= 6.6). */
const IMPLEMENTATION = 'bpf_uprobe_multi_link_release';

/** Whether kernel BTF shows these links. Without BTF, programs for USDT are attached to each place of a probe. */
function hasUprobeMulti(): boolean {
  try {
    return kernelBtf().byName(IMPLEMENTATION, 'func') !== undefined;
  } catch (error) {
    if (!BpfError.is(error)) throw error;
    return false;
  }
}

/**
 * What a program for a USDT probe is loaded for. A probe often has several places. If the kernel can, one link attaches
 * the program to all of them, with no more rights than loading takes. libbpf chooses in the same way.
 */
export function usdtAttachType({ type, section }: ProgramSpec): AttachType | undefined {
  if (type !== 'kprobe' || !/^\??usdt\b/.test(section)) return undefined;
  const { kind } = parseSectionName(section) ?? {};
  const isUsdt = kind?.name === 'usdt' || kind?.name === 'usdt.s';
  return isUsdt && hasUprobeMulti() ? 'trace_uprobe_multi' : undefined;
}
