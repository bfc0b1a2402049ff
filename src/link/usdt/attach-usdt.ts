import { BpfError, checkString, rejectUnknownOptions, seen } from '../../errors/index.ts';
import type { BpfMap } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import { type Executable, resolveExecutable } from '../executable/index.ts';
import { fileProblems, whyNoPlace } from '../file-places.ts';
import type { Link } from '../link.ts';
import { words } from '../multi-lists.ts';
import { checkProcess, EVERY_PROCESS } from '../numbers.ts';
import { anyCpu, attachToPerfEvent, probeSource, refusedPerfEvent } from '../perf-attr.ts';
import { type Attempt, checkType, LINK_TO_PERF_EVENT, programText, tooOld } from '../problems.ts';
import { cText } from '../text.ts';
import { findProbe, type UsdtPlaceInFile } from './find-probe.ts';
import { type KeptSpecs, keepSpecs } from './spec-ids.ts';
import { encodeSpec } from './spec-layout.ts';
import { specsMap } from './specs-map.ts';
import { UsdtLink } from './usdt-link.ts';

/** Where {@link attachUsdt} attaches. */
export interface UsdtOptions {
  /**
   * The program or library. A path belongs to the mount namespace of the process that is watched. A name without `/` is
   * a library, as the dynamic loader finds it (`libc.so.6`), or a program in PATH.
   */
  readonly path: string;
  /** The probe is called `PROVIDER:NAME`, as `readelf -n` shows it. */
  readonly provider: string;
  readonly name: string;
  /** The process, or 0 for this one. Default: -1, every process that runs the file. */
  readonly processId?: number | undefined;
  /** A number that the program reads with `bpf_usdt_cookie`. Default: 0 */
  readonly cookie?: number | bigint | undefined;
  /**
   * The map `__bpf_usdt_specs`, which programs with libbpf's `usdt.bpf.h` have. Default: that of the program's
   * collection, or of the program. `none`: the program reads no arguments, and its `get_attach_cookie` is the cookie.
   */
  readonly specs?: BpfMap | 'none' | undefined;
}

const OPTIONS = ['path', 'provider', 'name', 'processId', 'cookie', 'specs'];
const USDT_MULTI = { feature: 'a link to several places of a program', version: '6.6' } as const;

/** What the two ways of attaching need to know. */
interface Plan {
  readonly program: Program;
  readonly file: Executable;
  readonly target: string;
  readonly processId: number;
  readonly places: readonly UsdtPlaceInFile[];
  /** The BPF cookie of each place. */
  readonly cookies: readonly (number | bigint)[];
}

/** One link to all places. Any program of the kernel's since 6.6, with no more rights than loading took. */
function attachMulti({ program, file, target, processId, places, cookies }: Plan): Link[] {
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
      path: cText('attachUsdt: path', file.path),
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

/** One link for each place, to a perf event. */
function attachEach({ program, file, target, processId, places, cookies }: Plan): Link[] {
  const links: Link[] = [];
  const path = cText('attachUsdt: path', file.path);
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
      const attr = { type: source.type, config, config1: path, config2: offset };
      const cpu = processId === EVERY_PROCESS ? anyCpu() : -1;
      links.push(attachToPerfEvent(attempt, attr, { processId, cpu }, cookies[index]));
    }
    return links;
  } catch (error) {
    for (const link of links) link.close();
    throw error;
  }
}

/** Chooses by what the program was loaded for. A program that was opened by its pin or id does not say. */
function attachAll(plan: Plan): Link[] {
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

function checkOptions(what: string, program: Program, options: UsdtOptions): void {
  rejectUnknownOptions(what, options, OPTIONS);
  checkType(what, program, ['kprobe'], options);
  const { provider, name } = options;
  for (const [option, text] of [
    ['provider', provider],
    ['name', name],
  ] as const) {
    checkString(`${what}: ${option}`, text);
    if (text === '')
      throw new TypeError(`${what}: ${option} must name a part of the probe, got ${seen(text)}`);
  }
  const { attachType } = program;
  if (attachType === undefined || attachType === 'trace_uprobe_multi') return;
  throw new TypeError(
    `${what}: ${programText(program)} was loaded for ${attachType}: load it for trace_uprobe_multi, or for nothing`,
  );
}

/**
 * Attaches a program of type `kprobe` to a USDT probe of a program or library: to all places where the compiler wrote
 * the probe. The programs of libbpf's `usdt.bpf.h` (`BPF_USDT`, `bpf_usdt_arg`) then read the probe's arguments. The
 * probe's semaphore counts the program as long as it is attached.
 *
 * With a program that was loaded for `trace_uprobe_multi`, as a collection does for `SEC("usdt")` if the kernel can
 * (Linux >= 6.6), all places get one link. The kernel checks the right, CAP_PERFMON, when the program is loaded, so this
 * works under a BPF token. Any other program gets a link for each place, together in a `LinkGroup`, and needs
 * CAP_SYS_ADMIN in the initial user namespace. Linux >= 5.15
 *
 * If you forget the link, the garbage collector closes it at some time: see {@link Link.keep}.
 *
 * @throws BpfError `ERR_BPF_NO_USDT` if the file has no such probe, `ERR_BPF_USDT_ARGUMENT` if the program cannot read
 *   one of its arguments, `ERR_BPF_USDT_SPECS` if the map of specs is full or unknown, `EPERM` if that map is not given
 *   and may not be looked for, `ERR_BPF_NOT_A_FILE`, `ENOENT`, `ESRCH`, `EACCES`, ...; FormatError
 * @throws NotSupportedError on a kernel without uprobes (CONFIG_UPROBE_EVENTS)
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachUsdt(program: Program, options: UsdtOptions): Link {
  const what = 'attachUsdt';
  checkOptions(what, program, options);
  const { provider, name, cookie = 0 } = options;
  const processId = checkProcess(what, options.processId ?? EVERY_PROCESS);
  const file = resolveExecutable(what, options.path, processId);
  const specs = specsMap(what, program, options.specs);
  let kept: KeptSpecs;
  let places: readonly UsdtPlaceInFile[];
  try {
    places = findProbe(file, provider, name, specs !== undefined);
    kept = specs === undefined ? withoutSpecs(places, cookie) : keep(specs.map, places, cookie);
  } finally {
    if (specs?.opened === true) specs.map.close();
  }
  try {
    const target = `USDT probe ${provider}:${name} in ${file.shown}`;
    const [first, ...others] = attachAll({ program, file, target, processId, places, cookies: kept.ids });
    return new UsdtLink(first as Link, others, kept.giveBack);
  } catch (error) {
    kept.giveBack();
    throw error;
  }
}

function keep(map: BpfMap, places: readonly UsdtPlaceInFile[], cookie: number | bigint): KeptSpecs {
  return keepSpecs(
    map,
    places.map(({ locations }) => encodeSpec(map.valueSize, locations, cookie)),
  );
}

/** Without specs, the BPF cookie is free for the caller's. */
function withoutSpecs(places: readonly UsdtPlaceInFile[], cookie: number | bigint): KeptSpecs {
  return { ids: places.map(() => cookie), giveBack: () => undefined };
}
