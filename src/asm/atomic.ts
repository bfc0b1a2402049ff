import { seen } from '../errors/index.ts';
import type { Instruction } from './instruction.ts';
import { type AccessSize, sizeBits } from './memory.ts';
import { ATOMIC, CLASS, MODE } from './opcode.ts';
import { numberOf, s16 } from './operand.ts';
import type { Register64 } from './register.ts';

/** The widths of atomic read-modify-write operations. */
export type AtomicSize = 'u32' | 'u64';

export type AtomicOperation = (
  size: AtomicSize,
  dst: Register64,
  offset: number,
  src: Register64,
) => Instruction;

function atomic(
  name: string,
  operation: number,
  size: AccessSize,
  dst: Register64,
  offset: number,
  src: Register64,
): Instruction {
  const opcode = CLASS.stx | MODE.atomic | sizeBits(name, size);
  return {
    opcode,
    dst: numberOf(name, dst),
    src: numberOf(name, src),
    offset: s16(name, offset),
    imm: operation,
  };
}

function wordAtomic(name: string, operation: number): AtomicOperation {
  return (size, dst, offset, src) => {
    if (size !== 'u32' && size !== 'u64')
      throw new TypeError(`${name}: size must be u32 or u64, not ${seen(size)}`);
    return atomic(name, operation, size, dst, offset, src);
  };
}

/** `lock *(size *)(dst + offset) += src` */
export const atomicAdd: AtomicOperation = wordAtomic('atomicAdd', ATOMIC.add);
/** `lock *(size *)(dst + offset) |= src`. Linux ≥ 5.12 */
export const atomicOr: AtomicOperation = wordAtomic('atomicOr', ATOMIC.or);
/** `lock *(size *)(dst + offset) &= src`. Linux ≥ 5.12 */
export const atomicAnd: AtomicOperation = wordAtomic('atomicAnd', ATOMIC.and);
/** `lock *(size *)(dst + offset) ^= src`. Linux ≥ 5.12 */
export const atomicXor: AtomicOperation = wordAtomic('atomicXor', ATOMIC.xor);
/** `src = atomic_fetch_add(dst + offset, src)`. Linux ≥ 5.12 */
export const fetchAdd: AtomicOperation = wordAtomic('fetchAdd', ATOMIC.fetchAdd);
/** `src = atomic_fetch_or(dst + offset, src)`. Linux ≥ 5.12 */
export const fetchOr: AtomicOperation = wordAtomic('fetchOr', ATOMIC.fetchOr);
/** `src = atomic_fetch_and(dst + offset, src)`. Linux ≥ 5.12 */
export const fetchAnd: AtomicOperation = wordAtomic('fetchAnd', ATOMIC.fetchAnd);
/** `src = atomic_fetch_xor(dst + offset, src)`. Linux ≥ 5.12 */
export const fetchXor: AtomicOperation = wordAtomic('fetchXor', ATOMIC.fetchXor);
/** `src = atomic_xchg(dst + offset, src)`. Linux ≥ 5.12 */
export const xchg: AtomicOperation = wordAtomic('xchg', ATOMIC.xchg);
/** `r0 = atomic_cmpxchg(dst + offset, r0, src)`. Linux ≥ 5.12 */
export const cmpxchg: AtomicOperation = wordAtomic('cmpxchg', ATOMIC.cmpxchg);

/** `dst = load_acquire((size *)(src + offset))`. Linux ≥ 6.15 */
export function loadAcquire(size: AccessSize, dst: Register64, src: Register64, offset: number): Instruction {
  return atomic('loadAcquire', ATOMIC.loadAcquire, size, dst, offset, src);
}

/** `store_release((size *)(dst + offset), src)`. Linux ≥ 6.15 */
export function storeRelease(
  size: AccessSize,
  dst: Register64,
  offset: number,
  src: Register64,
): Instruction {
  return atomic('storeRelease', ATOMIC.storeRelease, size, dst, offset, src);
}
