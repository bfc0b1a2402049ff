import { BtfBuilder, type BtfType, type BtfTypes, type NewBtfType } from '../../src/btf/index.ts';

/** Enums of the BPF interface and its neighbours, by the beginning of a member's name. */
const ENUM_MEMBERS =
  /^_*(MAX_|NR_)?(BPF|BTF_F|BTF_KIND|BTF_VAR|BTF_FUNC|BTF_MAX|XDP|TCX|TC_ACT|SK|LWT_BPF|TCP_BPF|NF_INET|NFPROTO|PERF_(TYPE|COUNT|SAMPLE|FORMAT|RECORD))_/;
/** The structures of the BPF interface. */
const STRUCTS =
  /^bpf_(attr|common_attr|\w+_info|insn|line_info|func_info|core_relo|iter_link_info|\w+_key|stack_build_id)$|^btf_(header|type|array|member|param|var|var_secinfo|decl_tag|enum|enum64|ext_header)$|^perf_event_attr$/;

/**
 * A small BTF with what the generator reads and a little more: the enums and structures of the BPF interface, and all
 * types that these are made of. Structures that pointers lead to become forward declarations.
 */
export function subset(types: BtfTypes): Uint8Array {
  const builder = new BtfBuilder();
  const copied = new Map<number, number>();

  function copy(id: number): number {
    if (id === 0) return 0;
    const known = copied.get(id);
    if (known !== undefined) return known;
    const type = types.byId(id);
    const made = builder.add(parts(type));
    copied.set(id, made);
    return made;
  }
  /** The type with new numbers for the types it refers to. Those types are added first. */
  function parts(type: BtfType): NewBtfType {
    switch (type.kind) {
      case 'struct':
      case 'union':
        return { ...type, members: type.members.map((member) => ({ ...member, type: copy(member.type) })) };
      case 'array':
        return { ...type, type: copy(type.type), indexType: copy(type.indexType) };
      case 'ptr':
        return { ...type, type: pointee(type.type) };
      case 'typedef':
      case 'volatile':
      case 'const':
      case 'restrict':
      case 'type_tag':
        return { ...type, type: copy(type.type) };
      case 'int':
      case 'enum':
      case 'enum64':
      case 'fwd':
      case 'float':
        return type;
      default:
        throw new Error(`no place for a ${type.kind} in the subset`);
    }
  }
  function pointee(id: number): number {
    const type = types.byId(id);
    if (type.kind === 'struct' || type.kind === 'union') return builder.forward(type.name, type.kind);
    return type.kind === 'int' ? copy(id) : 0;
  }

  for (const type of types) {
    const wanted =
      type.kind === 'enum' || type.kind === 'enum64'
        ? type.values.some(({ name }) => ENUM_MEMBERS.test(name))
        : (type.kind === 'struct' || type.kind === 'union') && STRUCTS.test(type.name);
    if (wanted) copy(type.id);
  }
  return builder.encode({ littleEndian: types.littleEndian });
}
