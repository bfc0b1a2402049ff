import { type MapCreateAttr, type MapType, mapCreateFlags, mapTypes } from '../abi/index.ts';
import { BpfError, NotSupportedError } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import { mapCreate } from '../token/commands.ts';
import { MapCore } from './core.ts';
import { problemsOf } from './creation-problems.ts';
import { bufferSizeOf, describe, type MapFacts } from './facts.ts';
import { REQUIRED_FLAGS } from './families.ts';
import { kernelLacksMapType, mapTypeSince } from './kernel-types.ts';
import { flagBits, type MapOptions } from './options.ts';
import { ownBtf } from './own-btf.ts';
import { RINGS, ringSize } from './ring-size.ts';

/**
 * Creates a map with one bpf(2) call; maps that the kernel wants BTF for take a second one, which loads
 * some when none is given.
 *
 * @param inner - of a map of maps: a map like those it will hold
 * @throws BpfError, TokenError
 */
export function createMap(options: MapOptions<MapType, unknown, unknown>, inner?: Fd): MapCore {
  const facts = intended(options);
  const attr: MapCreateAttr = {
    map_type: mapTypes.number(options.type),
    key_size: facts.keySize,
    value_size: facts.valueSize,
    max_entries: facts.maxEntries,
    map_flags: facts.flags,
  };
  if (facts.name !== '') attr.map_name = facts.name;
  if (inner !== undefined) attr.inner_map_fd = inner.value;
  if (options.ifindex !== undefined) attr.map_ifindex = options.ifindex;
  if (options.extra !== undefined) attr.map_extra = options.extra;
  if (options.kernelValueType !== undefined) attr.btf_vmlinux_value_type_id = options.kernelValueType;
  let flags = facts.flags;
  if (options.kernelValueBtf !== undefined) {
    attr.value_type_btf_obj_fd = options.kernelValueBtf.fd.value;
    flags |= mapCreateFlags.vtype_btf_obj_fd;
  }
  if (options.numaNode !== undefined) {
    attr.numa_node = options.numaNode;
    flags |= mapCreateFlags.numa_node;
  }
  attr.map_flags = flags;
  const own = options.btf === undefined ? ownBtf(facts, options.token) : undefined;
  try {
    const btf = own ?? options.btf;
    if (btf !== undefined) {
      attr.btf_fd = btf.fd.value;
      attr.btf_key_type_id = btf.key ?? 0;
      attr.btf_value_type_id = btf.value ?? 0;
    }
    return new MapCore(mapCreate(attr, options.token), facts);
  } catch (error) {
    throw explain(error, facts);
  } finally {
    own?.fd.close();
  }
}

/** The facts that the map will have: known without asking the kernel for them afterwards. */
function intended(options: MapOptions<MapType, unknown, unknown>): MapFacts {
  const valueSize = options.value?.size ?? 0;
  const { maxEntries = 0 } = options;
  return {
    type: options.type,
    name: options.name ?? '',
    keySize: options.key?.size ?? 0,
    valueSize,
    bufferSize: bufferSizeOf(options.type, valueSize),
    maxEntries: RINGS.has(options.type) ? ringSize(maxEntries) : maxEntries,
    flags: flagBits([...(options.flags ?? []), ...(REQUIRED_FLAGS[options.type] ?? [])]),
    extra: BigInt(options.extra ?? 0),
  };
}

/** Says which map it was, and what the kernel may have meant. Refused permissions have their explanation already. */
function explain(error: unknown, facts: MapFacts): unknown {
  if (!(error instanceof BpfError) || error.errno === undefined || error.code === 'EPERM') return error;
  const type = facts.type as MapType;
  if (error.code === 'EINVAL' && kernelLacksMapType(type)) {
    const since = mapTypeSince(type);
    const when = since === undefined ? '' : `, which Linux ${since} brought`;
    throw new NotSupportedError(
      `Cannot create ${describe(facts)}: this kernel has no map type ${type}${when}`,
      {
        feature: `map type ${type}`,
        since,
        errno: error.errno,
        syscall: error.syscall,
        command: error.command,
        cause: error,
      },
    );
  }
  const problems = problemsOf(facts);
  const why = problems.length === 0 ? general(error.code) : `: ${problems.join('; ')}`;
  return new BpfError(`Cannot create ${describe(facts)}: ${error.code}${why}`, {
    code: error.code,
    errno: error.errno,
    syscall: error.syscall,
    command: error.command,
    cause: error,
  });
}

function general(code: string): string {
  switch (code) {
    case 'EINVAL':
      return ': the kernel lacks this type, or does not take these sizes or flags for it';
    case 'E2BIG':
      return ': keys, values or max_entries are larger than the kernel allows';
    case 'ENOMEM':
      return ': the kernel has no memory for a map of this size';
    default:
      return '';
  }
}
