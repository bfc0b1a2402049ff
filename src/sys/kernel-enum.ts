import { BpfError } from '../errors/index.ts';
import { kernelBtf } from './kernel-btf.ts';

/**
 * Whether an enum of the running kernel has a number; `undefined` if the kernel has no BTF that this process can read,
 * or no such enum.
 */
export function kernelEnumHas(enumeration: string, number: number): boolean | undefined {
  try {
    // The last value, such as __MAX_BPF_MAP_TYPE, is the first number that stands for nothing.
    return kernelBtf()
      .byName(enumeration, 'enum')
      ?.values.some(({ name, value }) => Number(value) === number && !name.startsWith('__'));
  } catch (error) {
    if (BpfError.is(error)) return undefined;
    throw error;
  }
}
