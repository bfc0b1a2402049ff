import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BtfType } from '../../src/btf/index.ts';
import { cacheRoot } from '../../tools/cache.ts';
import { runWith } from '../../tools/debian.ts';

/**
 * The command that starts bpftool: the machine's own, or else the one in the cache. `undefined` if there is neither.
 */
export function findBpftool(): readonly [string, ...string[]] | undefined {
  if (spawnSync('bpftool', ['version']).status === 0) return ['bpftool'];
  const suite = join(cacheRoot(), 'debian', 'sid');
  const root = existsSync(suite) && readdirSync(suite).find((name) => name.startsWith('bpftool-'));
  return root ? runWith(join(suite, root), 'bpftool') : undefined;
}

/** This type as bpftool writes it in JSON, where `(anon)` stands for no name. */
export function asBpftool(type: BtfType): object {
  const { id } = type;
  const kind = type.kind.toUpperCase();
  const label = (name: string): string => (name === '' ? '(anon)' : name);
  const head = { id, kind, name: label(type.name) };
  switch (type.kind) {
    case 'void':
      return head;
    case 'int': {
      const encoding = type.encoding === 'unsigned' ? '(none)' : type.encoding.toUpperCase();
      return { ...head, size: type.size, bits_offset: type.bitOffset, nr_bits: type.bits, encoding };
    }
    case 'array':
      return { ...head, type_id: type.type, index_type_id: type.indexType, nr_elems: type.length };
    case 'struct':
    case 'union': {
      const members = type.members.map((member) => ({
        name: label(member.name),
        type_id: member.type,
        bits_offset: member.bitOffset,
        ...(member.bitSize > 0 ? { bitfield_size: member.bitSize } : {}),
      }));
      return { ...head, size: type.size, vlen: members.length, members };
    }
    case 'enum':
    case 'enum64': {
      const values = type.values.map(({ name, value }) => ({ name, val: widened(type.kind, value) }));
      const encoding = type.signed ? 'SIGNED' : 'UNSIGNED';
      return { ...head, encoding, size: type.size, vlen: values.length, values };
    }
    case 'fwd':
      return { ...head, fwd_kind: type.of };
    case 'func':
    case 'var':
      return { ...head, type_id: type.type, linkage: type.linkage };
    case 'func_proto': {
      const params = type.parameters.map(({ name, type: id }) => ({ name: label(name), type_id: id }));
      return { ...head, ret_type_id: type.returnType, vlen: params.length, params };
    }
    case 'datasec': {
      const vars = type.variables.map(({ type: id, offset, size }) => ({ type_id: id, offset, size }));
      return { ...head, size: type.size, vlen: vars.length, vars };
    }
    case 'float':
      return { ...head, size: type.size };
    case 'decl_tag':
      return { ...head, type_id: type.type, component_idx: type.component };
    default:
      return { ...head, type_id: type.type };
  }
}

/** In JSON, bpftool extends the sign of 32-bit values even if they are unsigned. */
function widened(kind: 'enum' | 'enum64', value: number | bigint): number {
  return kind === 'enum' && value >= 2 ** 31 ? Number(BigInt(value) + 2n ** 64n - 2n ** 32n) : Number(value);
}
