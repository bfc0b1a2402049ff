import { type AttachType, linkTypes, type NumberText } from '../../abi/index.ts';
import { BpfError, checkChoice, checkOwner, rejectUnknownOptions } from '../../errors/index.ts';
import type { DescriptorHolder, Program } from '../../program/index.ts';
import { Fd, kernelEnumHas } from '../../sys/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, programText, purposeOf } from '../problems.ts';
import { attachmentText, attachWithoutLink } from './prog-attach.ts';

/** What a program does for the sockets of a map. */
export type SockmapAttachType =
  | 'sk_msg_verdict'
  | 'sk_skb_stream_parser'
  | 'sk_skb_stream_verdict'
  | 'sk_skb_verdict';

const ATTACH_TYPES: readonly SockmapAttachType[] = [
  'sk_msg_verdict',
  'sk_skb_stream_parser',
  'sk_skb_stream_verdict',
  'sk_skb_verdict',
];

/** Where {@link attachSockmap} attaches. */
export interface SockmapOptions {
  /** A map of type `sockmap` or `sockhash`. */
  readonly map: DescriptorHolder;
  /** What the program does. Default: what it was loaded for; for `sk_msg` programs there is only `sk_msg_verdict`. */
  readonly attachType?: SockmapAttachType | undefined;
}

function attachTypeOf(program: Program, given: SockmapAttachType | undefined): AttachType | NumberText {
  const type = given ?? program.attachType ?? (program.type === 'sk_msg' ? 'sk_msg_verdict' : undefined);
  if (type === undefined) {
    throw new TypeError(
      `attachSockmap: ${programText(program)} was not loaded for an attach type: give attachType, such as sk_skb_verdict`,
    );
  }
  return type;
}

function checkMapType(map: DescriptorHolder): void {
  const { type } = map as { readonly type?: unknown };
  if (type === undefined || type === 'sockmap' || type === 'sockhash') return;
  throw new TypeError(`attachSockmap: map must be a sockmap or sockhash, got a map of type ${type}`);
}

/** What EBUSY means. A map cannot have both kinds of verdict programs. */
function whyBusy(attachType: string): string {
  const link = 'close its link, or update that link to this program';
  const other = { sk_skb_verdict: 'sk_skb_stream_verdict', sk_skb_stream_verdict: 'sk_skb_verdict' };
  const kind = other[attachType as keyof typeof other];
  return kind === undefined
    ? `another program is attached there: ${link}`
    : `another program is attached there, or to ${kind}, which excludes this one: ${link}`;
}

/**
 * Attaches an `sk_skb` or `sk_msg` program to a map of sockets. It decides about what the sockets in the map receive
 * (`sk_skb_stream_verdict` or `sk_skb_verdict`; `sk_skb_stream_parser` says where messages end) or send
 * (`sk_msg_verdict`). A map has one program of each attach type. Attach before you put sockets into the map: those that
 * are in it already keep what they have.
 *
 * The result is a kernel link since Linux 6.10. Before, it is an {@link Attachment}: a later program replaces this one,
 * and then closing the attachment changes nothing. A result that is forgotten is closed by the garbage collector, see
 * {@link Link.keep}.
 *
 * The kernel checks the right (CAP_BPF and CAP_NET_ADMIN) when the program is loaded and the map is made, so attaching
 * works under a BPF token. Linux >= 4.14, `sk_msg` 4.17, `sk_skb_verdict` 5.13
 *
 * @throws BpfError `EBUSY` if a link holds that place of the map; `EINVAL`, `EOPNOTSUPP` if the program does not fit
 * @throws TypeError for wrong options, and for programs of another type
 */
export function attachSockmap(program: Program, options: SockmapOptions): Link {
  rejectUnknownOptions('attachSockmap', options, ['map', 'attachType']);
  checkOwner('attachSockmap: map', options.map, 'a BpfMap');
  checkType('attachSockmap', program, ['sk_skb', 'sk_msg'], options);
  const { map } = options;
  checkMapType(map);
  if (options.attachType !== undefined) {
    checkChoice('attachSockmap: attachType', options.attachType, ATTACH_TYPES);
  }
  const attachType = attachTypeOf(program, options.attachType);
  const attempt = {
    program,
    target: `${attachType} of ${(map.fd as Partial<Fd>).what ?? 'a map'}`,
    explain: {
      EBUSY: whyBusy(attachType),
      EINVAL: () =>
        (program.type === 'sk_msg') === (attachType === 'sk_msg_verdict')
          ? 'the map is not a sockmap or sockhash'
          : `${program.type} programs cannot do this`,
      EOPNOTSUPP: 'the map takes no programs of this kind, or it is not a sockmap or sockhash',
    },
  };
  try {
    return createLink(attempt, attachType, { target_fd: map.fd.value });
  } catch (error) {
    const old = BpfError.is(error) && error.code === 'EINVAL';
    // Without BTF the kernel does not say. Then the old call decides.
    if (!old || kernelEnumHas('bpf_link_type', linkTypes.number('sockmap')) === true) throw error;
    const place = Fd.duplicateOf(map.fd.value, purposeOf(attempt), attachmentText(attempt));
    return attachWithoutLink(attempt, place, attachType);
  }
}
