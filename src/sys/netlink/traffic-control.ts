import { ByteWriter, HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';
import { BpfError } from '../../errors/index.ts';
import type { Purpose } from '../syscall.ts';
import { Attributes, AttributeWriter } from './attributes.ts';
import { FLAGS, ROUTE } from './constants.ts';
import type { Message } from './messages.ts';
import type { RouteSocket } from './socket.ts';

// include/uapi/linux/pkt_sched.h: the queueing discipline that has filters for both directions, and its two places.
const CLSACT = 0xffff_fff1;
const CLSACT_HANDLE = 0xffff_0000;
const PLACES = { ingress: 0xffff_fff2, egress: 0xffff_fff3 } as const;
/** include/uapi/linux/rtnetlink.h: attributes of `struct tcmsg` (`TCA_...`). */
const TCA = { kind: 1, options: 2 } as const;
/** include/uapi/linux/pkt_cls.h: options of filters of the kind `bpf` (`TCA_BPF_...`). */
const TCA_BPF = { fd: 6, name: 7, flags: 8, id: 11 } as const;
/** TCA_BPF_FLAG_ACT_DIRECT: what the program returns decides. */
const DIRECT_ACTION = 1;
/** ETH_P_ALL in network byte order: packets of every protocol. */
const ALL_PROTOCOLS = HOST_LITTLE_ENDIAN ? 0x0300 : 0x0003;
/** `struct tcmsg` */
const HEADER_SIZE = 20;

export type Direction = keyof typeof PLACES;

/** Where filters are. */
export interface FilterPlace {
  readonly interfaceIndex: number;
  readonly direction: Direction;
}

/** What tells the filters of a place apart. */
export interface FilterId {
  readonly handle: number;
  readonly priority: number;
}

/** A filter, as the kernel shows it. */
export interface Filter extends FilterId {
  readonly kind: string;
  /** For filters of the kind `bpf`: the id of the program, unless it is a classic one. */
  readonly programId: number | undefined;
}

/** `struct tcmsg` and attributes. */
function payload(
  interfaceIndex: number,
  { handle = 0, parent, info = 0 }: { handle?: number; parent: number; info?: number },
  write?: (attributes: AttributeWriter) => void,
): Uint8Array {
  const attributes = new AttributeWriter();
  write?.(attributes);
  return new ByteWriter({ littleEndian: HOST_LITTLE_ENDIAN, capacity: 128 })
    .u32(0)
    .u32(interfaceIndex)
    .u32(handle)
    .u32(parent)
    .u32(info)
    .bytes(attributes.toBytes())
    .toBytes();
}

function infoOf(priority: number): number {
  return ((priority << 16) | ALL_PROTOCOLS) >>> 0;
}

function isCode(error: unknown, code: string): boolean {
  return BpfError.is(error) && error.code === code;
}

/**
 * Makes the queueing discipline `clsact` of an interface, which both directions need.
 *
 * @returns false if the interface has one, or the older `ingress` in its place
 * @throws BpfError
 */
export function addClsact(socket: RouteSocket, interfaceIndex: number, purpose: Purpose): boolean {
  try {
    socket.request(
      {
        type: ROUTE.newqdisc,
        flags: FLAGS.create | FLAGS.excl,
        payload: payload(interfaceIndex, { handle: CLSACT_HANDLE, parent: CLSACT }, (attributes) =>
          attributes.text(TCA.kind, 'clsact'),
        ),
      },
      purpose,
    );
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** The kind of queueing discipline in the place of `clsact`; `undefined` if there is none. @throws BpfError */
export function clsactKind(
  socket: RouteSocket,
  interfaceIndex: number,
  purpose: Purpose,
): string | undefined {
  try {
    const content = payload(interfaceIndex, { parent: CLSACT });
    // Without the flag, only those who listen to all changes are told.
    const [found] = socket.request({ type: ROUTE.getqdisc, flags: FLAGS.echo, payload: content }, purpose);
    return found && new Attributes(found.payload.seek(HEADER_SIZE)).text(TCA.kind);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Removes `clsact` with all filters. @throws BpfError */
export function deleteClsact(socket: RouteSocket, interfaceIndex: number, purpose: Purpose): void {
  const place = payload(interfaceIndex, { handle: CLSACT_HANDLE, parent: CLSACT });
  socket.request({ type: ROUTE.delqdisc, flags: 0, payload: place }, purpose);
}

/** Reads a message about a filter. @throws FormatError */
function readFilter({ payload: reader }: Message): Filter {
  reader.seek(8);
  const handle = reader.u32();
  reader.skip(4);
  const priority = reader.u32() >>> 16;
  const attributes = new Attributes(reader);
  const kind = attributes.text(TCA.kind) ?? '';
  const programId = kind === 'bpf' ? attributes.nested(TCA.options)?.u32(TCA_BPF.id) : undefined;
  return { kind, handle, priority, programId };
}

/** A program as a filter. */
export interface NewFilter {
  readonly programFd: number;
  readonly name: string;
  readonly priority?: number | undefined;
  readonly handle?: number | undefined;
}

/**
 * Adds a program as a filter that decides itself about packets (`direct-action`).
 *
 * @returns the filter, with the priority and the handle that the kernel chose if they were not given
 * @throws BpfError `EEXIST` if there is one with this priority and handle
 */
export function addFilter(
  socket: RouteSocket,
  { interfaceIndex, direction }: FilterPlace,
  { programFd, name, priority = 0, handle = 0 }: NewFilter,
  purpose: Purpose,
): Filter {
  const where = { handle, parent: PLACES[direction], info: infoOf(priority) };
  const content = payload(interfaceIndex, where, (attributes) =>
    attributes
      .text(TCA.kind, 'bpf')
      .nested(TCA.options, (options) =>
        options.u32(TCA_BPF.fd, programFd).text(TCA_BPF.name, name).u32(TCA_BPF.flags, DIRECT_ACTION),
      ),
  );
  const flags = FLAGS.create | FLAGS.excl | FLAGS.echo;
  const [made] = socket.request({ type: ROUTE.newtfilter, flags, payload: content }, purpose);
  // The flag `echo` asks for it.
  return readFilter(made as Message);
}

function dumpFilters(
  socket: RouteSocket,
  { interfaceIndex, direction }: FilterPlace,
  purpose: Purpose,
): Message[] {
  const content = payload(interfaceIndex, { parent: PLACES[direction] });
  return socket.dump({ type: ROUTE.gettfilter, payload: content }, purpose);
}

/** All filters of a place. @throws BpfError */
export function listFilters(socket: RouteSocket, place: FilterPlace, purpose: Purpose): Filter[] {
  // Before the filters of each priority, the kernel shows one without a handle that stands for them all.
  return dumpFilters(socket, place, purpose)
    .map(readFilter)
    .filter(({ handle }) => handle !== 0);
}

/** Whether a place has filters of any kind. @throws BpfError */
export function hasFilters(socket: RouteSocket, place: FilterPlace, purpose: Purpose): boolean {
  return dumpFilters(socket, place, purpose).length > 0;
}

/** Removes one filter. @throws BpfError `ENOENT` */
export function deleteFilter(
  socket: RouteSocket,
  { interfaceIndex, direction }: FilterPlace,
  { handle, priority }: FilterId,
  purpose: Purpose,
): void {
  const where = { handle, parent: PLACES[direction], info: infoOf(priority) };
  const content = payload(interfaceIndex, where, (attributes) => attributes.text(TCA.kind, 'bpf'));
  socket.request({ type: ROUTE.deltfilter, flags: 0, payload: content }, purpose);
}
