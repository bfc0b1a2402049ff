import { type Codec, inside, outOfRange, wrongType } from '../bytes/codec/index.ts';

/** The kernel keeps the values of the CPUs at multiples of this many bytes. */
const SLOT = 8;

/** Bytes from one value to the next in memory the kernel shares or copies: of CPUs, and of mapped arrays. */
export function strideOf(size: number): number {
  return Math.ceil(size / SLOT) * SLOT;
}

/** The values of all possible CPUs as an array, in the order of `possibleCpus()`. */
export function perCpu<T>(value: Codec<T>, cpus: number): Codec<T[]> {
  const stride = strideOf(value.size);
  return Object.freeze({
    name: `${value.name} of ${cpus} CPUs`,
    size: stride * cpus,
    align: SLOT,
    encode(view: DataView, offset: number, values: T[]): void {
      if (!Array.isArray(values)) wrongType(values, `an array with the values of ${cpus} possible CPUs`);
      if (values.length !== cpus) {
        outOfRange(`expected a value for each of the ${cpus} possible CPUs, got ${values.length}`);
      }
      let cpu = 0;
      try {
        for (; cpu < cpus; cpu++) value.encode(view, offset + cpu * stride, values[cpu] as T);
      } catch (error) {
        throw inside(error, `[${cpu}]`);
      }
    },
    decode(view: DataView, offset: number): T[] {
      const values: T[] = [];
      for (let cpu = 0; cpu < cpus; cpu++) values.push(value.decode(view, offset + cpu * stride));
      return values;
    },
  });
}
