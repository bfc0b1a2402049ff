import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { Fd, openFile } from '../../sys/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, openPlace } from '../problems.ts';

/** Where {@link attachSkLookup} and {@link attachFlowDissector} attach. */
export interface NetworkNamespaceOptions {
  /** The namespace: a path such as `/run/netns/blue`, or an open descriptor. Default: the one of this process. */
  readonly namespace?: string | Fd | undefined;
}

const OWN = '/proc/self/ns/net';

function attachToNamespace(
  what: string,
  program: Program,
  kind: 'sk_lookup' | 'flow_dissector',
  options: NetworkNamespaceOptions,
  version: string,
): Link {
  rejectUnknownOptions(what, options, ['namespace']);
  checkType(what, program, [kind], options);
  const { namespace = OWN } = options;
  if (typeof namespace !== 'string' && !(namespace instanceof Fd)) {
    throw new TypeError(`${what}: namespace must be a path or an Fd, got ${namespace}`);
  }
  const place = typeof namespace === 'string' && namespace !== OWN ? namespace : undefined;
  const attempt = {
    program,
    target: place === undefined ? 'the network namespace' : `network namespace ${place}`,
    since: { feature: `a link of a ${kind} program`, version },
    explain: {
      EEXIST: 'a program of this type is already attached there without a link: detach it',
      EBUSY: 'a program of this type is already attached there, and there can be only one',
      E2BIG:
        kind === 'sk_lookup'
          ? '64 programs are attached there already, and no more are possible'
          : 'there is a flow dissector already, and there can be only one',
      EINVAL: 'it is not a network namespace',
    },
  };
  const why = (code: string): string => {
    const noProc = place === undefined && code === 'ENOENT';
    return `${String(namespace)} cannot be opened${noProc ? ': /proc is not mounted: give the namespace' : ''}`;
  };
  using own =
    typeof namespace === 'string' ? openPlace(attempt, openFile(namespace, attempt.target), why) : undefined;
  const target_fd = own?.value ?? (namespace as Fd).value;
  return createLink(attempt, kind, { target_fd });
}

/**
 * Attaches an `sk_lookup` program to a network namespace. It chooses the socket for each new connection or datagram.
 *
 * The kernel checks no right when the program is attached. A process with a BPF token for such programs can attach them
 * to every network namespace that it can open. This includes the host's, if the process shares it. Linux >= 5.9
 *
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * @throws BpfError `E2BIG` if there are 64 programs already
 * @throws TypeError for wrong options, and for programs of another type
 */
export function attachSkLookup(program: Program, options: NetworkNamespaceOptions = {}): Link {
  return attachToNamespace('attachSkLookup', program, 'sk_lookup', options, '5.9');
}

/**
 * Attaches a `flow_dissector` program to a network namespace. It replaces the kernel's own dissector. Linux >= 5.7
 *
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * @throws BpfError `E2BIG`, `EEXIST` if there is one already
 * @throws TypeError for wrong options, and for programs of another type
 */
export function attachFlowDissector(program: Program, options: NetworkNamespaceOptions = {}): Link {
  return attachToNamespace('attachFlowDissector', program, 'flow_dissector', options, '5.7');
}
