import { type Capability, capabilityMask } from '../../sys/index.ts';
import { capabilitiesOfMap, capabilitiesOfProgram, type Need } from '../choice/index.ts';
import type { Facts } from './facts.ts';

/** The capabilities that the kernel checks: in the token's user namespace, or without a token in the initial one. */
function neededCapabilities(need: Need): Capability[] {
  switch (need.command) {
    case 'map_create':
      return capabilitiesOfMap(need.type);
    case 'prog_load':
      return capabilitiesOfProgram(need.type);
    case 'btf_load':
      return ['bpf'];
    case 'btf_get_fd_by_id':
      return ['sys_admin'];
  }
}

/** The capabilities that the call needs and the thread lacks. CAP_SYS_ADMIN replaces every other one. */
export function missingCapabilities({ effective }: Facts, need: Need): Capability[] {
  const has = (name: Capability): boolean => (effective & capabilityMask([name])) !== 0n;
  return has('sys_admin') ? [] : neededCapabilities(need).filter((name) => !has(name));
}
