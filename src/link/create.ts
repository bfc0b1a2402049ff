import type { AttachType, LinkCreateAttr, RawTracepointAttr } from '../abi/index.ts';
import { attachTypes } from '../abi/index.ts';
import { bpf, Fd } from '../sys/index.ts';
import { Link } from './link.ts';
import { type Attempt, attachError, programText } from './problems.ts';

/** `link of program "count" (xdp) to network interface eth0` */
const linkText = ({ program, target }: Attempt): string => `link of ${programText(program)} to ${target}`;

/** BPF_LINK_CREATE for the attempt's program. @throws BpfError */
export function createLink(
  attempt: Attempt,
  attachType: AttachType,
  attr: Omit<LinkCreateAttr, 'prog_fd' | 'attach_type'>,
): Link {
  const sent = {
    prog_fd: attempt.program.fd.value,
    attach_type: attachTypes.number(attachType),
    ...attr,
  };
  const result = bpf('link_create', sent);
  if (result < 0) throw attachError(attempt, -result, { syscall: 'bpf', command: 'link_create' });
  return Link.fromFd(Fd.adopt(result, linkText(attempt)));
}

/** BPF_RAW_TRACEPOINT_OPEN for the attempt's program. @throws BpfError */
export function openRawTracepoint(attempt: Attempt, attr: Omit<RawTracepointAttr, 'prog_fd'>): Link {
  const result = bpf('raw_tracepoint_open', { prog_fd: attempt.program.fd.value, ...attr });
  if (result < 0) throw attachError(attempt, -result, { syscall: 'bpf', command: 'raw_tracepoint_open' });
  return Link.fromFd(Fd.adopt(result, linkText(attempt)));
}
