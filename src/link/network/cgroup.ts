import type { AttachType, NumberText, ProgramType } from '../../abi/index.ts';
import { rejectUnknownOptions, wrongType } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { Fd, hasCapability, openDirectory } from '../../sys/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, openPlace, programText, tooOld } from '../problems.ts';
import { ORDER_OPTIONS, ORDER_PROBLEMS, type OrderOptions, orderAttr } from './relative.ts';

/** The program types that attach to cgroups, each with its attach type if it has only one. */
const PLACES: { readonly [type in ProgramType]?: AttachType | undefined } = {
  cgroup_skb: undefined,
  cgroup_sock: 'cgroup_inet_sock_create',
  cgroup_sock_addr: undefined,
  cgroup_sockopt: undefined,
  cgroup_device: 'cgroup_device',
  cgroup_sysctl: 'cgroup_sysctl',
  sock_ops: 'cgroup_sock_ops',
  lsm: 'lsm_cgroup',
};

/** Where {@link attachCgroup} attaches. */
export interface CgroupOptions extends OrderOptions {
  /** The folder of the cgroup, such as `/sys/fs/cgroup/system.slice`, or an open descriptor for it. */
  readonly cgroup: string | Fd | number;
  /**
   * The attach type, such as `cgroup_inet4_connect`. Default: the one that the program was loaded for, or the only one
   * that its type has.
   */
  readonly attachType?: AttachType | undefined;
}

function attachTypeOf(program: Program, given: AttachType | undefined): AttachType | NumberText {
  const type = given ?? program.attachType ?? PLACES[program.type as ProgramType];
  if (type === undefined) {
    throw new TypeError(
      `attachCgroup: ${programText(program)} has no attach type: give attachType, such as cgroup_inet_ingress`,
    );
  }
  return type;
}

/** Why the kernel says EPERM. It checks the right for `cgroup_skb` now; for all other types it did so at the load. */
function whyForbidden({ type }: Program): string {
  const right =
    'programs of type cgroup_skb need CAP_NET_ADMIN when they are attached, in the initial user namespace ' +
    'or in that of the token they were loaded with';
  const older =
    'a program that was attached to this cgroup or one above it without a link forbids others (it lacks BPF_F_ALLOW_MULTI): detach it';
  if (type !== undefined && type !== 'cgroup_skb') return older;
  if (type !== undefined && hasCapability('net_admin', 'sys_admin') === false) {
    return `${right}: this process lacks it`;
  }
  return `${older}; or ${right}`;
}

function whyInvalid(
  { attachType: loaded }: Program,
  attachType: AttachType | NumberText,
  ordered: boolean,
): string {
  const old =
    tooOld({ feature: 'a cgroup link', version: '5.7' }) ??
    (ordered ? tooOld({ feature: 'an order among programs of a cgroup', version: '6.17' }) : undefined);
  if (old !== undefined) return old;
  if (loaded === undefined) return `it may have been loaded for another attach type than ${attachType}`;
  return `a program loaded for ${loaded} cannot be attached to ${attachType}`;
}

/**
 * Attaches a program to a cgroup. It runs for the processes in this cgroup and in the cgroups below it. A cgroup can
 * have any number of programs, in an order (`before`, `after`: Linux >= 6.17).
 *
 * The kernel checks the right (CAP_NET_ADMIN for most types) when the program is loaded, except for `cgroup_skb`: there
 * it checks CAP_NET_ADMIN when the program is attached. The process must be allowed to open the cgroup's folder.
 * Linux >= 5.7, and a cgroup version 2 hierarchy
 *
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * @throws BpfError `ENOENT` and similar for the folder; `EBADF` if it is not part of a cgroup version 2 hierarchy
 * @throws TypeError for wrong options, and for programs of another type
 */
export function attachCgroup(program: Program, options: CgroupOptions): Link {
  rejectUnknownOptions('attachCgroup', options, ['cgroup', 'attachType', ...ORDER_OPTIONS]);
  checkType('attachCgroup', program, Object.keys(PLACES) as ProgramType[], options);
  const { cgroup } = options;
  if (typeof cgroup !== 'string' && !(cgroup instanceof Fd) && !Number.isInteger(cgroup)) {
    throw wrongType('attachCgroup: cgroup', 'a path, an Fd or the number of a descriptor', cgroup);
  }
  const attachType = attachTypeOf(program, options.attachType);
  const { flags, relative } = orderAttr('attachCgroup', options);
  const attempt = {
    program,
    target: `${attachType} of ${typeof cgroup === 'string' ? `cgroup ${cgroup}` : 'a cgroup'}`,
    explain: {
      ...ORDER_PROBLEMS,
      EBADF: 'it is not a folder of a cgroup version 2 hierarchy: see "findmnt -t cgroup2"',
      EPERM: () => whyForbidden(program),
      EINVAL: () => whyInvalid(program, attachType, flags !== 0 || relative.expected_revision !== undefined),
    },
  };
  const why = (): string => 'the folder of the cgroup cannot be opened: see "findmnt -t cgroup2"';
  using folder = typeof cgroup === 'string' ? openPlace(attempt, openDirectory(cgroup), why) : undefined;
  const target_fd = folder?.value ?? (cgroup instanceof Fd ? cgroup.value : (cgroup as number));
  return createLink(attempt, attachType, {
    target_fd,
    flags,
    // Sent only if it says something, because kernels before 6.17 do not accept this attribute.
    cgroup: flags === 0 && relative.expected_revision === undefined ? undefined : relative,
  });
}
