/** Numbers of the netlink protocol (include/uapi/linux/netlink.h, rtnetlink.h). They are not in the kernel's BTF. */

/** Flags of a message (`NLM_F_...`). */
export const FLAGS = {
  request: 0x1,
  ack: 0x4,
  echo: 0x8,
  /** GET requests: all objects, not one. NLM_F_ROOT | NLM_F_MATCH */
  dump: 0x300,
  /** NEW requests: fail if the object exists. */
  excl: 0x200,
  /** NEW requests: make the object if it does not exist. */
  create: 0x400,
  /** Acknowledgements: attributes follow. */
  ack_tlvs: 0x200,
  /** Acknowledgements: the request is not repeated in full. */
  capped: 0x100,
  /** Dumps: the objects changed meanwhile, so some may be missing. */
  dump_interrupted: 0x10,
} as const;

/** Message types that every family has (`NLMSG_...`). */
export const CONTROL = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** Message types of rtnetlink (`RTM_...`). */
export const ROUTE = {
  newlink: 16,
  dellink: 17,
  newqdisc: 36,
  delqdisc: 37,
  getqdisc: 38,
  newtfilter: 44,
  deltfilter: 45,
  gettfilter: 46,
} as const;

/** Attributes of an acknowledgement (`NLMSGERR_ATTR_...`). */
export const ACK_ATTRIBUTES = { message: 1 } as const;

/** `struct nlmsghdr` */
export const HEADER_SIZE = 16;
/** Messages and attributes begin at multiples of this. */
export const ALIGN = 4;
/** The bits of an attribute's type that are its number; those above are NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
export const TYPE_MASK = 0x3fff;
