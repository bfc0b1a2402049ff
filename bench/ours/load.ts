/** Loads object files from bytes. What is loaded stays until the next load. */
import { readFileSync } from 'node:fs';
import { Collection, CollectionSpec } from 'ebpf-ts';
import type { Contender } from './serve.ts';

/** What is loaded now. This variable keeps it alive, so that its memory counts. */
let loaded: Collection | undefined;

function read(bytes: Uint8Array, except: string): CollectionSpec {
  const spec = CollectionSpec.parse(bytes);
  const { [except]: left } = spec.programs;
  if (left !== undefined) left.autoload = false;
  return spec;
}

function load(source: CollectionSpec): void {
  loaded?.close();
  loaded = Collection.loadSync(source);
}

/** @param except - a program that is not loaded */
export function objectLoad(file: string, except: string): Contender {
  const bytes = new Uint8Array(readFileSync(file));
  return {
    run(count) {
      for (let i = 0; i < count; i++) load(read(bytes, except));
    },
  };
}
