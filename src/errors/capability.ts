/**
 * A capability, by its name in capabilities(7), in lower case without prefix: `bpf`, `net_admin`. The list is here, and
 * not in the layer that has their numbers, because errors name capabilities.
 */
export type Capability =
  | 'chown'
  | 'dac_override'
  | 'dac_read_search'
  | 'fowner'
  | 'fsetid'
  | 'kill'
  | 'setgid'
  | 'setuid'
  | 'setpcap'
  | 'linux_immutable'
  | 'net_bind_service'
  | 'net_broadcast'
  | 'net_admin'
  | 'net_raw'
  | 'ipc_lock'
  | 'ipc_owner'
  | 'sys_module'
  | 'sys_rawio'
  | 'sys_chroot'
  | 'sys_ptrace'
  | 'sys_pacct'
  | 'sys_admin'
  | 'sys_boot'
  | 'sys_nice'
  | 'sys_resource'
  | 'sys_time'
  | 'sys_tty_config'
  | 'mknod'
  | 'lease'
  | 'audit_write'
  | 'audit_control'
  | 'setfcap'
  | 'mac_override'
  | 'mac_admin'
  | 'syslog'
  | 'wake_alarm'
  | 'block_suspend'
  | 'audit_read'
  | 'perfmon'
  | 'bpf'
  | 'checkpoint_restore';

/** The name as text for people has it: `CAP_NET_ADMIN`. */
export function capabilityText(name: Capability): string {
  return `CAP_${name.toUpperCase()}`;
}
