import { BpfError, checkChoice, checkIntegers, OURS, rejectUnknownOptions, U32 } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { networkNamespaceCookie, type Purpose } from '../../sys/index.ts';
import {
  addClsact,
  addFilter,
  clsactKind,
  deleteClsact,
  deleteFilter,
  type Filter,
  type FilterPlace,
  hasFilters,
  listFilters,
  type NewFilter,
  RouteSocket,
} from '../../sys/netlink/index.ts';
import { Attachment } from '../attachment.ts';
import { type Attempt, checkType, programText, purposeOf } from '../problems.ts';
import {
  atInterface,
  INTERFACE_GONE,
  type NetworkInterface,
  nameOfInterface,
  resolveInterface,
} from './interface.ts';
import { attachmentText } from './prog-attach.ts';

/** Where {@link attachTc} attaches. */
export interface TcOptions {
  /** The name, or the index in the network namespace of this process. */
  readonly interface: NetworkInterface;
  /** The packets: those that arrive, or those that are sent. */
  readonly direction: 'ingress' | 'egress';
  /**
   * The place in the order, 1 to 65535: filters with lower numbers run first. Default: the kernel takes one from 49152
   * downwards, so that a later filter runs before an earlier one.
   */
  readonly priority?: number | undefined;
  /** A number that is unique among the filters of one priority. Default: the kernel chooses it. */
  readonly handle?: number | undefined;
}

/** The interfaces whose `clsact` this process made, by namespace and index. */
const made = new Set<string | symbol>();

/** Before Linux 5.14, namespaces have no numbers: then each attachment stands for itself. */
function keyOf(socket: RouteSocket, interfaceIndex: number): string | symbol {
  const namespace = networkNamespaceCookie(socket.fd.value);
  return namespace === undefined ? Symbol() : `${namespace} ${interfaceIndex}`;
}

/** Whether there is neither such a filter nor such an interface any more. */
function isGone(error: unknown): boolean {
  return BpfError.is(error) && ['ENOENT', 'ENODEV', 'EINVAL'].includes(error.code);
}

/** Removes `clsact` if this process made it and it has no filters. The kernel cannot look and remove in one step. */
function removeIfEmpty(
  socket: RouteSocket,
  interfaceIndex: number,
  key: string | symbol,
  purpose: Purpose,
): void {
  if (!made.has(key)) return;
  try {
    for (const direction of ['ingress', 'egress'] as const) {
      if (hasFilters(socket, { interfaceIndex, direction }, purpose)) return;
    }
    deleteClsact(socket, interfaceIndex, purpose);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  made.delete(key);
}

/** Makes `clsact` unless it is there. @returns whether it was made. @throws BpfError */
function ensureClsact(
  socket: RouteSocket,
  { interfaceIndex, direction }: FilterPlace,
  purpose: Purpose,
  given: NetworkInterface,
): boolean {
  if (addClsact(socket, interfaceIndex, purpose)) return true;
  // Its filters for egress would be taken, and would then see the packets that arrive.
  if (direction === 'egress' && clsactKind(socket, interfaceIndex, purpose) === 'ingress') {
    const name = nameOfInterface(given);
    throw new BpfError(
      `Cannot ${purpose.action}: EEXIST: the queueing discipline "ingress" is in the place of clsact, and has no filters for what is sent: remove it: tc qdisc del dev ${name} ingress`,
      { code: 'EEXIST' },
    );
  }
  return false;
}

const PROBLEMS = {
  EPERM: 'this process needs CAP_NET_ADMIN in the user namespace that owns the network namespace',
  ENODEV: INTERFACE_GONE,
  ENOENT:
    'the kernel was built without CONFIG_NET_SCH_INGRESS or CONFIG_NET_CLS_BPF, or its modules (sch_ingress, cls_bpf) cannot be loaded from here',
  EEXIST: 'there is a filter with this priority and handle: choose another',
} as const;

/** Removes the filter, unless somebody has done so and another one has its numbers. */
function removeFilter(socket: RouteSocket, place: FilterPlace, filter: Filter, purpose: Purpose): void {
  try {
    const present = listFilters(socket, place, purpose).find(
      ({ handle, priority }) => handle === filter.handle && priority === filter.priority,
    );
    if (present?.programId === filter.programId) deleteFilter(socket, place, filter, purpose);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function addTo(
  place: FilterPlace,
  wanted: NewFilter,
  given: NetworkInterface,
  attempt: Attempt,
  undoing: Purpose,
): Attachment {
  const { interfaceIndex } = place;
  const purpose = purposeOf(attempt);
  const socket = new RouteSocket(attachmentText(attempt));
  try {
    const key = keyOf(socket, interfaceIndex);
    if (ensureClsact(socket, place, purpose, given)) made.add(key);
    let filter: Filter;
    try {
      filter = addFilter(socket, place, wanted, purpose);
    } catch (error) {
      removeIfEmpty(socket, interfaceIndex, key, undoing);
      throw error;
    }
    const undo = (): void => {
      removeFilter(socket, place, filter, undoing);
      removeIfEmpty(socket, interfaceIndex, key, undoing);
    };
    return new Attachment(OURS, socket.fd, undo);
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Attaches a `sched_cls` program to the traffic of a network interface by classic traffic control: as a filter of the
 * queueing discipline `clsact`, with `direct-action`. It is there before Linux 6.6, and for programs that belong among
 * other filters of traffic control. {@link attachTcx} is the better way on newer kernels.
 *
 * If the interface has no `clsact`, this makes it. Closing the attachment removes exactly this filter, and then `clsact`
 * if this process made it and no filter is left in it. There is no kernel link for this: if the process ends without
 * closing the attachment, the filter stays. An attachment that is forgotten is closed by the garbage collector, see
 * {@link Link.keep}.
 *
 * Needs CAP_NET_ADMIN in the user namespace of the network namespace, so it can be used under a BPF token in a network
 * namespace of its own. Linux >= 4.5, built with CONFIG_NET_CLS_BPF and CONFIG_NET_SCH_INGRESS
 *
 * @throws BpfError `ENODEV`; `EPERM`; `EEXIST` if there is a filter with this priority and handle; `ENOENT` if the
 *   kernel has no `clsact` or no filters of programs. The text has what the kernel says
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 *
 * @example
 * using filter = attachTc(program, { interface: 'eth0', direction: 'ingress', priority: 1 });
 */
export function attachTc(program: Program, options: TcOptions): Attachment {
  rejectUnknownOptions('attachTc', options, ['interface', 'direction', 'priority', 'handle']);
  checkType('attachTc', program, ['sched_cls'], options);
  const { direction, priority, handle } = options;
  checkChoice('attachTc: direction', direction, ['ingress', 'egress']);
  checkIntegers('attachTc', options, { priority: [1, 0xffff], handle: [1, U32[1]] });
  const { index, text } = resolveInterface('attachTc', options.interface);
  const attempt = { program, target: `${direction} of ${text}`, explain: PROBLEMS };
  const undoing = { action: `detach ${programText(program)} from ${attempt.target}` };
  const place = { interfaceIndex: index, direction };
  const { name = '', fd } = program;
  const filter = { programFd: fd.value, name: name || 'program', priority, handle };
  return atInterface(options.interface, () => addTo(place, filter, options.interface, attempt, undoing));
}
