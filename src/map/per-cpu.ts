import { type Codec, inside, outOfRange, wrongType } from '../bytes/codec/index.ts';

/** The value of each CPU begins at a multiple of this many bytes. */
const SLOT = 8;

/** Bytes from one value to the next: in the values of all CPUs, and in the memory of a mapped array. */
export function strideOf(size: number): number {
  return Math.ceil(size / SLOT) * SLOT;
}

/** Makes a codec for the values of all possible CPUs: an array in the order of `possibleCpus()`. */
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
