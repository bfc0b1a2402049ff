import { type MapCreateAttr, type MapType, mapCreateFlags, mapFlagBits, mapTypes } from '../abi/index.ts';
import { type BareError, type BpfError, explained, NotSupportedError } from '../errors/index.ts';
import { type Fd, kernelName } from '../sys/index.ts';
import { mapCreate } from '../token/commands.ts';
import { MapCore } from './core.ts';
import { problemsOf } from './creation-problems.ts';
import { bufferSizeOf, describe, entriesFor, type MapFacts } from './facts.ts';
import { REQUIRED_FLAGS } from './families.ts';
import { kernelLacksMapType, kernelLacksOverwriting, mapTypeSince } from './kernel-types.ts';
import type { MapOptions } from './options.ts';
import { ownBtf } from './own-btf.ts';

/**
 * Creates a map with one bpf(2) call. If the kernel wants BTF for the type and none is given, a second call loads some.
 *
 * @param inner - for a map of maps: a map like those that it will hold
 * @throws BpfError, TokenError
 */
export function createMap(options: MapOptions<MapType, unknown, unknown, unknown>, inner?: Fd): MapCore {
  const facts = intended(options);
  const attr: MapCreateAttr = {
    map_type: mapTypes.number(options.type),
    key_size: facts.keySize,
    value_size: facts.valueSize,
    max_entries: facts.maxEntries,
    map_flags: facts.flags,
  };
  if (facts.name !== '') attr.map_name = kernelName('BpfMap.create', facts.name);
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
    return new MapCore(mapCreate(attr, options.token, facts.name), facts);
  } catch (error) {
    throw explained(error, (bare) => why(facts, bare));
  } finally {
    own?.fd.close();
  }
}

/** The facts that the map will have, so that the kernel need not be asked afterwards. */
function intended(options: MapOptions<MapType, unknown, unknown, unknown>): MapFacts {
  const valueSize = options.value?.size ?? 0;
  return {
    type: options.type,
    name: options.name ?? '',
    keySize: options.key?.size ?? 0,
    valueSize,
    bufferSize: bufferSizeOf(options.type, valueSize),
    maxEntries: entriesFor(options.type, options.maxEntries),
    flags: mapFlagBits([...(options.flags ?? []), ...(REQUIRED_FLAGS[options.type] ?? [])]),
    extra: BigInt(options.extra ?? 0),
  };
}

/** Explains why the kernel may have refused. */
function why(facts: MapFacts, bare: BareError): string | BpfError | undefined {
  const { code, errno, syscall, command } = bare;
  if (code === 'ENOMEM') return 'the kernel has no memory for a map of this size';
  // The kernel's checks of sizes and flags give only these two.
  if (code !== 'EINVAL' && code !== 'E2BIG') return undefined;
  const type = facts.type as MapType;
  if (code === 'EINVAL' && kernelLacksMapType(type)) {
    const since = mapTypeSince(type);
    const when = since === undefined ? '' : `, which came with Linux ${since}`;
    return new NotSupportedError(
      `Cannot create ${describe(facts)}: this kernel has no map type ${type}${when}`,
      { feature: `map type ${type}`, since, errno, syscall, command, cause: bare },
    );
  }
  const problems = problemsOf(facts);
  if (problems.length > 0) return problems.join('; ');
  if ((facts.flags & mapCreateFlags.rb_overwrite) !== 0 && kernelLacksOverwriting()) {
    return new NotSupportedError(
      `Cannot create ${describe(facts)}: the rings of this kernel cannot overwrite (rb_overwrite), which came with Linux 6.19`,
      { feature: 'map flag rb_overwrite', since: '6.19', errno, syscall, command, cause: bare },
    );
  }
  return code === 'E2BIG'
    ? 'keys, values or max_entries are larger than the kernel allows'
    : 'the kernel lacks this type, or does not accept these sizes or flags for it';
}
