import { type AttachType, attachTypes, type ProgramType, programTypes } from '../../abi/index.ts';

const rewritten = (type: ProgramType, attach: AttachType): readonly [number, number] => [
  programTypes.number(type),
  attachTypes.number(attach),
];

/** Attach types that the kernel uses instead of 0 when it checks the token. */
const ATTACH_TYPE_FOR_0: ReadonlyMap<number, number> = new Map([
  rewritten('cgroup_sock', 'cgroup_inet_sock_create'),
  rewritten('sk_reuseport', 'sk_reuseport_select'),
]);

/**
 * The attach type that has to be delegated for a program. 0 is no exception: a program without an attach
 * type needs number 0, `cgroup_inet_ingress`.
 */
export function effectiveAttachType(programType: number, expected: number): number {
  return expected === 0 ? (ATTACH_TYPE_FOR_0.get(programType) ?? 0) : expected;
}
