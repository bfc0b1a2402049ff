import { type BtfLoadAttr, commands, type MapCreateAttr, type ProgLoadAttr } from '../../abi/index.ts';
import type { Bits } from '../delegation/index.ts';
import { effectiveAttachType } from './attach-type.ts';

/** What creating a map needs. */
export interface MapNeed {
  readonly command: 'map_create';
  readonly bits: Bits;
  /** The number of its type. */
  readonly type: number;
  /** What the caller calls it, for errors. */
  readonly name: string | Uint8Array | undefined;
}

/** What loading a program needs. */
export interface ProgramNeed {
  readonly command: 'prog_load';
  readonly bits: Bits;
  /** The number of its type. */
  readonly type: number;
  /** What the caller calls it, for errors. */
  readonly name: string | Uint8Array | undefined;
  /** The buffer that the kernel writes its log to. */
  readonly log: unknown;
}

/** What loading BTF needs. */
export interface BtfNeed {
  readonly command: 'btf_load';
  readonly bits: Bits;
  /** The buffer that the kernel writes its log to. */
  readonly log: unknown;
}

/** What opening BTF by its id needs. */
export interface BtfByIdNeed {
  readonly command: 'btf_get_fd_by_id';
  readonly bits: Bits;
  readonly id: number;
}

/**
 * What one bpf(2) call needs. The library works it out once a call, in the kernel's numbers. `words.ts` puts it into
 * words where somebody reads it.
 */
export type Need = MapNeed | ProgramNeed | BtfNeed | BtfByIdNeed;

const MAP_CREATE = commands.number('map_create');
const PROG_LOAD = commands.number('prog_load');

const onlyCommand = (command: Need['command']): Bits => ({
  cmds: commands.number(command),
  maps: undefined,
  progs: undefined,
  attachs: undefined,
});

const BTF_LOAD = onlyCommand('btf_load');
const BTF_GET_FD_BY_ID = onlyCommand('btf_get_fd_by_id');

/** @param name - the whole name, for errors: the attribute holds 15 characters of it */
export function mapNeed(attr: MapCreateAttr, name?: string): MapNeed {
  const type = attr.map_type ?? 0;
  const bits = { cmds: MAP_CREATE, maps: type, progs: undefined, attachs: undefined };
  return { command: 'map_create', bits, type, name: name ?? attr.map_name };
}

/** @param name - the whole name, for errors: the attribute holds 15 characters of it */
export function programNeed(attr: ProgLoadAttr, name?: string): ProgramNeed {
  const type = attr.prog_type ?? 0;
  const attachs = effectiveAttachType(type, attr.expected_attach_type ?? 0);
  const bits = { cmds: PROG_LOAD, maps: undefined, progs: type, attachs };
  return { command: 'prog_load', bits, type, name: name ?? attr.prog_name, log: attr.log_buf };
}

export function btfNeed(attr: BtfLoadAttr): BtfNeed {
  return { command: 'btf_load', bits: BTF_LOAD, log: attr.btf_log_buf };
}

export function btfByIdNeed(id: number): BtfByIdNeed {
  return { command: 'btf_get_fd_by_id', bits: BTF_GET_FD_BY_ID, id };
}
