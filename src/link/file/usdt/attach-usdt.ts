import { checkString, rejectUnknownOptions, seen } from '../../../errors/index.ts';
import type { BpfMap } from '../../../map/index.ts';
import type { Program } from '../../../program/index.ts';
import type { Link } from '../../link.ts';
import { checkProcess, EVERY_PROCESS } from '../../numbers.ts';
import { checkType, programText } from '../../problems.ts';
import { resolveExecutable } from '../executable/index.ts';
import { attachToPlaces } from './attach-to-places.ts';
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
    const [first, ...others] = attachToPlaces({
      program,
      file,
      target,
      processId,
      places,
      cookies: kept.ids,
    });
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
