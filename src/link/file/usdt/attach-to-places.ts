import { BpfError } from '../../../errors/index.ts';
import type { Program } from '../../../program/index.ts';
import { createLink } from '../../create.ts';
import { attachToPerfEvent, probeSource, refusedPerfEvent } from '../../kernel/perf-attr.ts';
import type { Link } from '../../link.ts';
import { words } from '../../multi-lists.ts';
import { EVERY_PROCESS } from '../../numbers.ts';
import { type Attempt, LINK_TO_PERF_EVENT, tooOld } from '../../problems.ts';
import type { Executable } from '../executable/index.ts';
import { fileProblems, whyNoPlace } from '../file-places.ts';
import type { UsdtPlaceInFile } from './find-probe.ts';

const USDT_MULTI = { feature: 'a link to several places of a program', version: '6.6' } as const;

/** A program, and the places to attach it to. */
export interface UsdtAttachment {
  readonly program: Program;
  readonly file: Executable;
  readonly target: string;
  readonly processId: number;
  readonly places: readonly UsdtPlaceInFile[];
  /** The BPF cookie of each place. */
  readonly cookies: readonly (number | bigint)[];
}

/** Makes one link to all places. The kernel asks for no right: it checked that when the program was loaded. */
function attachMulti({ program, file, target, processId, places, cookies }: UsdtAttachment): Link[] {
  const offsets = places.map(({ offset }) => offset);
  const semaphores = places.map(({ semaphoreOffset }) => semaphoreOffset);
  const attempt: Attempt = {
    program,
    target,
    since: USDT_MULTI,
    explain: {
      ...fileProblems(file, offsets),
      EINVAL: () => tooOld(USDT_MULTI) ?? whyNoPlace(file, offsets),
    },
  };
  const link = createLink(attempt, 'trace_uprobe_multi', {
    uprobe_multi: {
      path: Buffer.from(`${file.path}\0`),
      offsets: words(offsets),
      ref_ctr_offsets: semaphores.some((offset) => offset !== 0) ? words(semaphores) : undefined,
      cookies: words(cookies),
      cnt: places.length,
      // For the kernel 0 means every process here.
      pid: processId === EVERY_PROCESS ? 0 : processId || process.pid,
    },
  });
  return [link];
}

/** Makes a link for each place, to a perf event. */
function attachEach({ program, file, target, processId, places, cookies }: UsdtAttachment): Link[] {
  const links: Link[] = [];
  const config1 = Buffer.from(`${file.path}\0`);
  try {
    for (const [index, { offset, semaphoreOffset }] of places.entries()) {
      const attempt: Attempt = {
        program,
        target,
        explain: {
          ...fileProblems(file, [offset]),
          EINVAL: () => tooOld(LINK_TO_PERF_EVENT) ?? whyNoPlace(file, [offset]),
          ...refusedPerfEvent({
            capability: 'sys_admin',
            other:
              'programs loaded for trace_uprobe_multi, as SEC("usdt") is since Linux 6.6, need no capability to attach',
          }),
        },
      };
      const source = probeSource(attempt, 'uprobe');
      const config =
        semaphoreOffset === 0 ? 0n : BigInt(semaphoreOffset) << BigInt(source.bit('ref_ctr_offset'));
      const attr = { type: source.type, config, config1, config2: offset };
      const cpu = processId === EVERY_PROCESS ? 'any' : -1;
      links.push(attachToPerfEvent(attempt, attr, { processId, cpu }, cookies[index]));
    }
    return links;
  } catch (error) {
    for (const link of links) link.close();
    throw error;
  }
}

/**
 * Attaches a program to all places of a probe: all or nothing. What the program was loaded for decides how. A program
 * that was opened by its pin or id does not say that.
 *
 * @throws BpfError, NotSupportedError
 */
export function attachToPlaces(plan: UsdtAttachment): Link[] {
  const { attachType, section } = plan.program;
  if (attachType === 'trace_uprobe_multi') return attachMulti(plan);
  if (section !== undefined) return attachEach(plan);
  try {
    return attachMulti(plan);
  } catch (error) {
    // The kernel has no such links, or the program was not loaded for them.
    if (!BpfError.is(error) || error.code !== 'EINVAL') throw error;
    return attachEach(plan);
  }
}
