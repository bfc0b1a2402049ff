import {
  type NetfilterHook,
  netfilterFamilies,
  netfilterHooks,
  netfilterLinkFlags,
} from '../../abi/index.ts';
import { checkInteger, I32, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType } from '../problems.ts';

const FAMILIES: readonly NetfilterOptions['family'][] = ['ipv4', 'ipv6'];

/** Where {@link attachNetfilter} attaches. */
export interface NetfilterOptions {
  readonly family: 'ipv4' | 'ipv6';
  readonly hook: NetfilterHook;
  /**
   * The place among the functions of the hook: lower numbers run first, and each number can be taken only once. The
   * lowest and the highest 32-bit numbers are not allowed.
   */
  readonly priority: number;
  /** Gives the program whole datagrams instead of fragments. */
  readonly defragment?: boolean | undefined;
}

/**
 * Attaches a `netfilter` program to a hook of this process's network namespace. The kernel checks the right,
 * CAP_NET_ADMIN, when the program is loaded. Linux >= 6.4
 *
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * @throws BpfError `EBUSY` if the priority is taken
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachNetfilter(program: Program, options: NetfilterOptions): Link {
  rejectUnknownOptions('attachNetfilter', options, ['family', 'hook', 'priority', 'defragment']);
  checkType('attachNetfilter', program, ['netfilter'], options);
  const { family, hook, priority, defragment = false } = options;
  if (!FAMILIES.includes(family)) {
    throw new TypeError(`attachNetfilter: family must be ipv4 or ipv6, got ${JSON.stringify(family)}`);
  }
  checkInteger('attachNetfilter: priority', priority, I32[0] + 1, I32[1] - 1);
  const attempt = {
    program,
    target: `netfilter hook ${hook} of ${family}`,
    since: { feature: 'a netfilter link', version: '6.4' },
    explain: {
      EBUSY: `another program has priority ${priority} there: choose another`,
      EAFNOSUPPORT: `the kernel was built without netfilter for ${family}`,
      EOPNOTSUPP:
        'the kernel was built without what this needs (CONFIG_NETFILTER_BPF_LINK, or defragmenting)',
    },
  };
  return createLink(attempt, 'netfilter', {
    netfilter: {
      pf: netfilterFamilies[family],
      hooknum: netfilterHooks.number(hook),
      priority,
      flags: defragment ? netfilterLinkFlags.ip_defrag : 0,
    },
  });
}
