import type { ProgAttachAttr, ProgTestRunAttr } from '../../abi/index.ts';
import type { Explain } from '../../errors/index.ts';
import type { Fd } from '../fd.ts';
import type { Purpose } from '../syscall.ts';
import { call } from './call.ts';

/** BPF_PROG_TEST_RUN: the results are then in `attr`. @param attr - all except the program. @throws BpfError */
export function progTestRun(program: Fd, attr: ProgTestRunAttr, explain?: Explain): void {
  attr.prog_fd = program.value;
  call('prog_test_run', attr, `run ${program.what}`, explain);
}

/** BPF_PROG_BIND_MAP: the program holds the map from then on. Linux >= 5.10. @throws BpfError */
export function progBindMap(program: Fd, map: Fd): void {
  const attr = { prog_fd: program.value, map_fd: map.value };
  call('prog_bind_map', attr, `bind ${map.what} to ${program.what}`);
}

/** BPF_PROG_ATTACH: attaches without a link. @throws BpfError */
export function progAttach(attr: ProgAttachAttr, { action, explain }: Purpose): void {
  call('prog_attach', attr, action, explain);
}

/** BPF_PROG_DETACH: ends what {@link progAttach} did with the same attributes. @throws BpfError */
export function progDetach(attr: ProgAttachAttr, { action, explain }: Purpose): void {
  call('prog_detach', attr, action, explain);
}

/**
 * BPF_PROG_STREAM_READ_BY_FD: takes bytes out of a stream of a program. Linux >= 6.17
 *
 * @returns how many bytes are in the buffer, 0 if there is nothing now
 * @throws BpfError
 */
export function progStreamRead(
  program: Fd,
  stream: { readonly name: string; readonly number: number },
  bytes: Uint8Array,
  explain?: Explain,
): number {
  const attr = {
    prog_fd: program.value,
    stream_id: stream.number,
    stream_buf: bytes,
    stream_buf_len: bytes.length,
  };
  return call('prog_stream_read_by_fd', attr, `read ${stream.name} of ${program.what}`, explain);
}
