/**
 * The numbers of include/uapi/linux/bpf.h and of headers beside it that are preprocessor constants, so that no kernel's
 * BTF has them. They are part of the kernel's stable interface. A test compares them with the header if it is installed.
 */

/** `prog_flags` of prog_load (`BPF_F_...`). */
export const progLoadFlags = {
  strict_alignment: 0x1,
  any_alignment: 0x2,
  test_rnd_hi32: 0x4,
  test_state_freq: 0x8,
  sleepable: 0x10,
  xdp_has_frags: 0x20,
  xdp_dev_bound_only: 0x40,
  test_reg_invariants: 0x80,
} as const;

/** `attach_flags` of prog_attach, and `flags` of cgroup, tcx and netkit links (`BPF_F_...`). */
export const progAttachFlags = {
  allow_override: 0x1,
  allow_multi: 0x2,
  replace: 0x4,
  before: 0x8,
  after: 0x10,
  id: 0x20,
  preorder: 0x40,
  link: 0x2000,
} as const;

/** `query_flags` of prog_query (`BPF_F_QUERY_...`). */
export const progQueryFlags = { effective: 0x1 } as const;

/** `flags` of prog_test_run (`BPF_F_TEST_...`). */
export const progTestRunFlags = {
  run_on_cpu: 0x1,
  xdp_live_frames: 0x2,
  skb_checksum_complete: 0x4,
} as const;

/** `flags` of netfilter links (`BPF_F_NETFILTER_...`). */
export const netfilterLinkFlags = { ip_defrag: 0x1 } as const;

/** `flags` of XDP links (`XDP_FLAGS_...` of include/uapi/linux/if_link.h). */
export const xdpFlags = {
  update_if_noexist: 0x1,
  skb_mode: 0x2,
  drv_mode: 0x4,
  hw_mode: 0x8,
  replace: 0x10,
} as const;
