import {
  type AttachType,
  attachTypes,
  type LinkCreateAttr,
  type LinkType,
  type NumberText,
  numberOf,
  type RawTracepointAttr,
} from '../abi/index.ts';
import { OURS } from '../errors/index.ts';
import { type LinkPurpose, linkCreate, rawTracepointOpen } from '../sys/index.ts';
import { Link } from './link.ts';
import { linkTypeOf } from './link-types.ts';
import { type Attempt, programText, purposeOf } from './problems.ts';

/** `link of program "count" (xdp) to network interface eth0` */
function purpose(attempt: Attempt): LinkPurpose {
  const { program, target } = attempt;
  return { what: `link of ${programText(program)} to ${target}`, ...purposeOf(attempt) };
}

/**
 * Makes a link with BPF_LINK_CREATE.
 *
 * @param type - what it becomes, if the attach type does not say it
 * @throws BpfError
 */
export function createLink(
  attempt: Attempt,
  attachType: AttachType | NumberText,
  attr: Omit<LinkCreateAttr, 'prog_fd' | 'attach_type'>,
  type: LinkType = linkTypeOf(attachType),
): Link {
  const sent = {
    prog_fd: attempt.program.fd.value,
    attach_type: numberOf(attachTypes, attachType),
    ...attr,
  };
  return new Link(OURS, linkCreate(sent, purpose(attempt)), type);
}

/** Makes a link with BPF_RAW_TRACEPOINT_OPEN. @throws BpfError */
export function openRawTracepoint(attempt: Attempt, attr: Omit<RawTracepointAttr, 'prog_fd'>): Link {
  const sent = { prog_fd: attempt.program.fd.value, ...attr };
  const fd = rawTracepointOpen(sent, purpose(attempt));
  const { attachType } = attempt.program;
  if (attr.name !== undefined) return new Link(OURS, fd, 'raw_tracepoint');
  // A program that was opened by its id or a pin does not know its attach type.
  return attachType === undefined ? Link.fromFd(fd) : new Link(OURS, fd, linkTypeOf(attachType));
}
