import { type AttachType, attachTypes, type LinkCreateAttr, type ProgramType } from '../abi/index.ts';
import { encode, exit, mov, r0 } from '../asm/index.ts';
import { BpfError } from '../errors/index.ts';
import { addressOf, Fd, NO_FD, tryCall } from '../sys/index.ts';
import { progLoad, type TokenOption } from '../token/commands.ts';
import { type Answer, denied, NO, unknown, YES } from './answer.ts';
import { programAttr } from './program-probes.ts';

const encoder = new TextEncoder();
const ADDRESS_SIZE = 8;

/** A list of one function name, as the kernel takes it: the name's address. Here the name itself follows it. */
function functionList(name: string): Uint8Array {
  const text = encoder.encode(`${name}\0`);
  const list = new Uint8Array(ADDRESS_SIZE + text.length);
  list.set(text, ADDRESS_SIZE);
  new BigUint64Array(list.buffer, 0, 1)[0] = BigInt(addressOf(list) + ADDRESS_SIZE);
  return list;
}

/** A target that cannot exist, described well enough that the kernel looks for it. */
function nowhere(type: AttachType): LinkCreateAttr {
  switch (type) {
    case 'perf_event':
      return { target_fd: NO_FD };
    case 'trace_uprobe_multi':
    case 'trace_uprobe_session':
      // A folder is not a program.
      return { uprobe_multi: { path: encoder.encode('/\0'), offsets: new Uint8Array(8), cnt: 1 } };
    default:
      return { kprobe_multi: { syms: functionList('no_function_has_this_name'), cnt: 1 } };
  }
}

/**
 * Tries an attach type by making a link to a target that does not exist. A kernel without the attach type refuses it
 * before it looks for the target.
 */
export function tryLink(program: ProgramType, type: AttachType, token: TokenOption): Answer {
  const insns = encode([mov(r0, 0), exit()]);
  let loaded: Fd;
  try {
    const attr = { ...programAttr(program, type), insns, insn_cnt: 2, license: encoder.encode('GPL\0') };
    loaded = progLoad(attr, token);
  } catch (error) {
    if (!BpfError.is(error)) throw error;
    return error.code === 'EPERM' ? denied(error) : unknown(error);
  }
  using fd = loaded;
  const attr = { prog_fd: fd.value, attach_type: attachTypes.number(type), ...nowhere(type) };
  const result = tryCall('link_create', attr, `attach a program by ${type}`);
  if (typeof result === 'number') {
    Fd.adopt(result, 'probe link').close();
    return YES;
  }
  switch (result.code) {
    case 'EINVAL':
    case 'EOPNOTSUPP':
      return NO;
    case 'EBADF':
    case 'ENOENT':
    case 'ESRCH':
      return YES;
    case 'EPERM':
      return denied(result);
    default:
      return unknown(result);
  }
}
