/** Tables of the flags that are preprocessor constants: see defines.ts. */
import {
  netfilterLinkFlags,
  progAttachFlags,
  progLoadFlags,
  progQueryFlags,
  progTestRunFlags,
} from './defines.ts';
import { type FlagTable, flagTable } from './flag-table.ts';

/** Name of a flag of prog_load: `sleepable`. */
export type ProgLoadFlag = keyof typeof progLoadFlags;

/** Names and bits: `prog_flags` of prog_load. */
export const progLoadFlagTable: FlagTable<ProgLoadFlag> = flagTable<ProgLoadFlag>({
  what: 'prog load flag',
  prefix: 'BPF_F_',
  numbers: progLoadFlags,
});

/** Name of a flag of prog_attach, and of cgroup, tcx and netkit links: `allow_multi`. */
export type ProgAttachFlag = keyof typeof progAttachFlags;

/** Names and bits: `attach_flags` of prog_attach, and `flags` of cgroup, tcx and netkit links. */
export const progAttachFlagTable: FlagTable<ProgAttachFlag> = flagTable<ProgAttachFlag>({
  what: 'prog attach flag',
  prefix: 'BPF_F_',
  numbers: progAttachFlags,
});

/** Name of a flag of prog_query: `effective`. */
export type ProgQueryFlag = keyof typeof progQueryFlags;

/** Names and bits: `query_flags` of prog_query. */
export const progQueryFlagTable: FlagTable<ProgQueryFlag> = flagTable<ProgQueryFlag>({
  what: 'prog query flag',
  prefix: 'BPF_F_QUERY_',
  numbers: progQueryFlags,
});

/** Name of a flag of prog_test_run: `run_on_cpu`. */
export type ProgTestRunFlag = keyof typeof progTestRunFlags;

/** Names and bits: `flags` of prog_test_run. */
export const progTestRunFlagTable: FlagTable<ProgTestRunFlag> = flagTable<ProgTestRunFlag>({
  what: 'prog test run flag',
  prefix: ['BPF_F_TEST_', 'BPF_F_'],
  numbers: progTestRunFlags,
});

/** Name of a flag of netfilter links: `ip_defrag`. */
export type NetfilterLinkFlag = keyof typeof netfilterLinkFlags;

/** Names and bits: `flags` of netfilter links. */
export const netfilterLinkFlagTable: FlagTable<NetfilterLinkFlag> = flagTable<NetfilterLinkFlag>({
  what: 'netfilter link flag',
  prefix: 'BPF_F_NETFILTER_',
  numbers: netfilterLinkFlags,
});
