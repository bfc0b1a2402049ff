import { operatorOf } from './format-alu.ts';
import { signed } from './format-number.ts';
import type { FormatOptions } from './format-options.ts';
import type { Instruction } from './instruction.ts';
import { ATOMIC, CLASS, LD_IMM64, MODE, PSEUDO, SIZE } from './opcode.ts';

const SIZES: ReadonlyMap<number, string> = new Map(Object.entries(SIZE).map(([name, bits]) => [bits, name]));
const FETCHES: ReadonlyMap<number, string> = new Map([
  [ATOMIC.fetchAdd, 'fetch_add'],
  [ATOMIC.fetchOr, 'fetch_or'],
  [ATOMIC.fetchAnd, 'fetch_and'],
  [ATOMIC.fetchXor, 'fetch_xor'],
]);

function atomicText({ opcode, dst, src, offset, imm }: Instruction): string | undefined {
  const size = SIZES.get(opcode & 0x18);
  const bits = size === 'u64' ? '64' : '';
  const place = (register: number): string => `(${size} *)(r${register} ${signed(offset)})`;
  switch (imm) {
    case ATOMIC.cmpxchg:
      return `r0 = atomic${bits}_cmpxchg(${place(dst)}, r0, r${src})`;
    case ATOMIC.xchg:
      return `r${src} = atomic${bits}_xchg(${place(dst)}, r${src})`;
    case ATOMIC.loadAcquire:
      return `r${dst} = load_acquire(${place(src)})`;
    case ATOMIC.storeRelease:
      return `store_release(${place(dst)}, r${src})`;
    case ATOMIC.add:
    case ATOMIC.or:
    case ATOMIC.and:
    case ATOMIC.xor:
      return `lock *${place(dst)} ${operatorOf(imm)} r${src}`;
  }
  const fetch = FETCHES.get(imm);
  return fetch === undefined ? undefined : `r${src} = atomic${bits}_${fetch}(${place(dst)}, r${src})`;
}

function wideValue(instruction: Instruction, options: FormatOptions): string {
  const { src, imm, high = 0, target, map } = instruction;
  if (options.references !== 'number') {
    if (src === PSEUDO.mapFd || src === PSEUDO.mapValue) {
      const name = typeof map === 'object' ? map.name : mapText(map ?? imm, options);
      return src === PSEUDO.mapFd ? `map[${name}]` : `map[${name}][0]+${high >>> 0}`;
    }
    if (src === PSEUDO.mapIndex) return `map[idx:${imm}]`;
    if (src === PSEUDO.mapIndexValue) return `map[idx:${imm}]+${high >>> 0}`;
    if (src === PSEUDO.func) return `subprog[${target ?? signed(imm)}]`;
  }
  return `0x${((BigInt(high >>> 0) << 32n) | BigInt(imm >>> 0)).toString(16)}`;
}

function mapText(map: number | string, options: FormatOptions): string {
  return options.mapName?.(map) ?? (typeof map === 'number' ? `fd:${map}` : map);
}

/** Loads and stores of all kinds. */
export function formatMemory(instruction: Instruction, options: FormatOptions): string | undefined {
  const { opcode, dst, src, offset, imm } = instruction;
  if (opcode === LD_IMM64) return `r${dst} = ${wideValue(instruction, options)}`;
  const size = SIZES.get(opcode & 0x18);
  switch (opcode & 0xe7) {
    case CLASS.ld | MODE.abs:
      return `r0 = *(${size} *)skb[${imm}]`;
    case CLASS.ld | MODE.ind:
      return `r0 = *(${size} *)skb[r${src} + ${imm}]`;
    case CLASS.ldx | MODE.mem:
      return `r${dst} = *(${size} *)(r${src} ${signed(offset)})`;
    case CLASS.ldx | MODE.memsx:
      // In 64 bits there is nothing to extend, and the kernel has no name for it.
      if (size === 'u64') return undefined;
      return `r${dst} = *(${size?.replace('u', 's')} *)(r${src} ${signed(offset)})`;
    case CLASS.st | MODE.mem:
      return `*(${size} *)(r${dst} ${signed(offset)}) = ${imm}`;
    case CLASS.stx | MODE.mem:
      return `*(${size} *)(r${dst} ${signed(offset)}) = r${src}`;
    case CLASS.stx | MODE.atomic:
      return atomicText(instruction);
    default:
      return undefined;
  }
}
