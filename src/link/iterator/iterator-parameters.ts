import {
  type CgroupIterOrder,
  cgroupIterOrders,
  encodeIterLinkInfo,
  type IterLinkInfoRequest,
} from '../../abi/index.ts';
import { checkChoice, checkInteger, I32, wrongType } from '../../errors/index.ts';
import type { DescriptorHolder, Program } from '../../program/index.ts';
import { Fd, openDirectory } from '../../sys/index.ts';
import { checkProcess, EVERY_PROCESS } from '../numbers.ts';
import { type Attempt, openPlace } from '../problems.ts';

/** In which order an iterator walks over cgroups. `children` came with Linux 7.0. */
export type CgroupWalk = Exclude<CgroupIterOrder, 'order_unspec'>;

/** What the iterator of `attachIterator` walks over. Give one of these, or none: then it walks over everything. */
export interface IteratorOptions {
  /** The map, for iterators over the elements of a map, such as `bpf_map_elem` and `sockmap`. */
  readonly map?: DescriptorHolder | undefined;
  /** For the iterator `cgroup`: where it starts, a folder or an open descriptor of it. Linux >= 6.1 */
  readonly cgroup?: string | Fd | number | undefined;
  /**
   * For the iterator `cgroup`: `self_only`, `descendants_pre` (parents before their children), `descendants_post`
   * (children first), `ancestors_up` or `children`. Default: `descendants_pre`
   */
  readonly order?: CgroupWalk | undefined;
  /** For the iterators `task`, `task_file` and `task_vma`: only this thread. Linux >= 6.1 */
  readonly threadId?: number | undefined;
  /** For the same iterators: the threads of this process, or of this one with 0. Default: -1, all. Linux >= 6.1 */
  readonly processId?: number | undefined;
  /** For the same iterators: the process of this pidfd. Linux >= 6.1 */
  readonly pidfd?: Fd | number | undefined;
}

export const ITERATOR_OPTIONS: readonly (keyof IteratorOptions)[] = [
  'map',
  'cgroup',
  'order',
  'threadId',
  'processId',
  'pidfd',
];

const WHAT = 'attachIterator';
const DEFAULT_ORDER: CgroupWalk = 'descendants_pre';

/** The iterators that take each parameter. The kernel ignores parameters of others. */
const TAKERS = {
  cgroup: /^cgroup$/,
  order: /^cgroup$/,
  threadId: /^task(_file|_vma)?$/,
  processId: /^task(_file|_vma)?$/,
  pidfd: /^task(_file|_vma)?$/,
} as const;

/** These exclude each other; `cgroup` and `order` belong together. */
function given(options: IteratorOptions): (keyof IteratorOptions)[] {
  return ITERATOR_OPTIONS.filter(
    (name) => options[name] !== undefined && !(name === 'processId' && options.processId === EVERY_PROCESS),
  );
}

/** @throws TypeError, RangeError */
export function checkIteratorOptions({ attachTo }: Program, options: IteratorOptions): void {
  const { cgroup, order, threadId, processId, pidfd } = options;
  if (order !== undefined)
    checkChoice(
      `${WHAT}: order`,
      order,
      cgroupIterOrders.names.filter((name) => name !== 'order_unspec'),
    );
  if (threadId !== undefined) checkInteger(`${WHAT}: threadId`, threadId, 1, I32[1]);
  if (processId !== undefined) checkProcess(WHAT, processId);
  for (const [name, fd] of [
    ['pidfd', pidfd],
    ['cgroup', cgroup],
  ] as const) {
    if (fd === undefined || fd instanceof Fd || (name === 'cgroup' && typeof fd === 'string')) continue;
    if (typeof fd !== 'number')
      throw wrongType(`${WHAT}: ${name}`, 'an Fd or the number of a descriptor', fd);
    // For the kernel, 0 means that none is given.
    checkInteger(`${WHAT}: ${name}`, fd, 1, I32[1]);
  }
  const names = given(options);
  const [first, other] = names.filter((name) => name !== 'order' || !names.includes('cgroup'));
  if (other !== undefined) throw new TypeError(`${WHAT}: give ${first} or ${other}, not both`);
  // A program that was not loaded from an object file does not say which iterator it is.
  if (attachTo === undefined) return;
  for (const name of names) {
    if (name === 'map' || TAKERS[name].test(attachTo)) continue;
    throw new TypeError(
      `${WHAT}: the iterator "${attachTo}" does not take ${name}: the kernel would ignore it`,
    );
  }
}

const numberOf = (fd: Fd | number): number => (fd instanceof Fd ? fd.value : fd);

function request(options: IteratorOptions, attachTo: string | undefined): IterLinkInfoRequest | undefined {
  const { map, cgroup, order, threadId, processId = EVERY_PROCESS, pidfd } = options;
  if (map !== undefined) return { map: { map_fd: map.fd.value } };
  if (threadId !== undefined) return { task: { tid: threadId } };
  if (processId !== EVERY_PROCESS) return { task: { pid: processId || process.pid } };
  if (pidfd !== undefined) return { task: { pid_fd: numberOf(pidfd) } };
  if (cgroup === undefined && order === undefined && attachTo !== 'cgroup') return undefined;
  // Without a descriptor it walks over the whole hierarchy.
  const fd = cgroup === undefined || typeof cgroup === 'string' ? undefined : numberOf(cgroup);
  return { cgroup: { order: cgroupIterOrders.number(order ?? DEFAULT_ORDER), cgroup_fd: fd } };
}

const unopened = (): string => 'the folder of the cgroup cannot be opened: see "findmnt -t cgroup2"';

/**
 * Hands the parameters of an iterator to `use` in the form of `union bpf_iter_link_info`, or `undefined` if there are
 * none.
 *
 * @throws BpfError if the folder of the cgroup cannot be opened
 */
export function withIteratorParameters<T>(
  attempt: Attempt,
  options: IteratorOptions,
  use: (bytes: Uint8Array | undefined) => T,
): T {
  const { cgroup } = options;
  using folder = typeof cgroup === 'string' ? openPlace(attempt, openDirectory(cgroup), unopened) : undefined;
  const found = request(
    folder === undefined ? options : { ...options, cgroup: folder },
    attempt.program.attachTo,
  );
  return use(found === undefined ? undefined : encodeIterLinkInfo(found));
}
