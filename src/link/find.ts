import { bpf, Fd } from '../sys/index.ts';
import { linkInfo } from './info.ts';

const ENOENT = 2;

/**
 * The ids of the XDP links to interfaces with an index, in whatever network namespace: links do not say in which.
 * `undefined` to those who may not see all links (CAP_SYS_ADMIN).
 */
export function xdpLinks(interfaceIndex: number): number[] | undefined {
  const found: number[] = [];
  for (let start_id = 0; ; ) {
    const attr = { start_id, next_id: 0 };
    const result = bpf('link_get_next_id', attr);
    if (result < 0) return result === -ENOENT ? found : undefined;
    start_id = attr.next_id;
    const fd = bpf('link_get_fd_by_id', { link_id: start_id });
    // It may have gone.
    if (fd < 0) continue;
    using link = Fd.adopt(fd, `link ${start_id}`);
    const info = linkInfo(link);
    if (info.type === 'xdp' && info.interfaceIndex === interfaceIndex) found.push(info.id);
  }
}
