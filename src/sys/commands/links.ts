import type { LinkCreateAttr, LinkUpdateAttr, RawTracepointAttr } from '../../abi/index.ts';
import type { Explain } from '../../errors/index.ts';
import type { Fd } from '../fd.ts';
import type { Purpose } from '../syscall.ts';
import { call, open } from './call.ts';

/** What a link is made for. */
export interface LinkPurpose extends Purpose {
  /** The link, for later errors. */
  readonly what: string;
}

/** BPF_LINK_CREATE. Linux >= 5.7. @throws BpfError */
export function linkCreate(attr: LinkCreateAttr, { what, action, explain }: LinkPurpose): Fd {
  return open('link_create', attr, what, action, explain);
}

/** BPF_RAW_TRACEPOINT_OPEN. Linux >= 4.17. @throws BpfError */
export function rawTracepointOpen(attr: RawTracepointAttr, { what, action, explain }: LinkPurpose): Fd {
  return open('raw_tracepoint_open', attr, what, action, explain);
}

/** BPF_LINK_UPDATE. Linux >= 5.7. @throws BpfError */
export function linkUpdate(attr: LinkUpdateAttr, action: string, explain?: Explain): void {
  call('link_update', attr, action, explain);
}

/** BPF_LINK_DETACH. Linux >= 5.9. @throws BpfError */
export function linkDetach(link: Fd, explain?: Explain): void {
  call('link_detach', { link_fd: link.value }, `detach ${link.what}`, explain);
}

/** BPF_ITER_CREATE: one run of an iterator. Linux >= 5.8. @throws BpfError */
export function iterCreate(link: Fd, explain?: Explain): Fd {
  const attr = { link_fd: link.value };
  return open('iter_create', attr, `run of ${link.what}`, `run the ${link.what}`, explain);
}
