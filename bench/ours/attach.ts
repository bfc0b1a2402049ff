/** Attaches all programs of an object by one call, and detaches them. */
import { Collection } from 'ebpf-ts';
import type { Contender } from './serve.ts';

export function objectAttach(file: string): Contender {
  const collection = Collection.loadSync(file);
  return {
    run(count) {
      for (let i = 0; i < count; i++) collection.attach().close();
    },
  };
}
