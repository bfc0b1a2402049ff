import { NO_FD } from '../sys/index.ts';
import type { FeatureProbe } from './feature-probe.ts';
import { ifTrue, tryCommand } from './feature-probe.ts';
import { HelperProbe } from './helpers.ts';

export type LinkFeature = 'links' | 'link_info' | 'bpf_cookies';

export const linkFeatures: { readonly [name in LinkFeature]: FeatureProbe } = {
  links: {
    proof: (evidence) => evidence.enumerator('bpf_cmd', 'BPF_LINK_CREATE'),
    trial: () => tryCommand('link_create', { prog_fd: NO_FD, target_fd: NO_FD, attach_type: 0 }),
  },
  // Information about links came together with their ids, in Linux 5.8.
  link_info: {
    proof: (evidence) => evidence.enumerator('bpf_cmd', 'BPF_LINK_GET_FD_BY_ID'),
    trial: () => tryCommand('link_get_fd_by_id', { link_id: 0xffff_ffff }, 'sys_admin'),
  },
  bpf_cookies: {
    proof: (evidence) =>
      evidence.enumerator('bpf_func_id', 'BPF_FUNC_get_attach_cookie') === false
        ? false
        : ifTrue(evidence.member('bpf_trace_run_ctx', 'bpf_cookie')),
    trial: (context) => new HelperProbe('kprobe', context).ask('get_attach_cookie'),
  },
};
