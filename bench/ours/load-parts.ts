/** The steps of loading an object file. Uses the package's inner modules, because its API does not have the steps. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { candidateIds } from '../../src/btf/core/candidates.ts';
import { essentialName } from '../../src/btf/core/names.ts';
import { Collection, CollectionSpec } from '../../src/collection/index.ts';
import { kernelBtf } from '../../src/sys/index.ts';
import type { Contender } from './serve.ts';
import { timedCalls } from './timed-calls.ts';

/** The names, without flavours, of all types that relocations start from. */
function relocatedNames(spec: CollectionSpec): Set<string> {
  const names = new Set<string>();
  for (const { instructions, autoload } of Object.values(spec.programs)) {
    if (!autoload) continue;
    for (const { core } of instructions) {
      if (core !== undefined) names.add(essentialName(spec.btf?.nameOf(core.typeId) ?? ''));
    }
  }
  return names;
}

/**
 * The same load in steps; answers with the time of one step. The library keeps what later steps need from earlier ones,
 * so nothing is done twice. The only extra work is reading the names of the relocations, which is not timed.
 */
export function objectLoadPart(file: string, except: string, part: string): Contender {
  const bytes = new Uint8Array(readFileSync(file));
  // Loading many modules leaves so much garbage that a full collection would happen in one of the steps. Users load
  // only one file.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return {
    measure() {
      const times: Record<string, number> = {};
      const time = <T>(name: string, step: () => T): T => {
        const start = process.hrtime.bigint();
        const result = step();
        times[name] = Number(process.hrtime.bigint() - start);
        return result;
      };
      const spec = time('reading', () => CollectionSpec.parse(bytes));
      const { [except]: left } = spec.programs;
      if (left !== undefined) left.autoload = false;
      const kernel = time('indexing', () => kernelBtf());
      const names = relocatedNames(spec);
      time('candidates', () => {
        for (const name of names) candidateIds(kernel, name);
      });
      let calls = 0;
      time('rest', () => {
        calls = timedCalls(() => Collection.loadSync(spec));
      });
      times.calls = calls;
      times.rest = (times.rest ?? 0) - calls;
      const cost = times[part];
      if (cost === undefined) throw new Error(`no part "${part}"`);
      return cost;
    },
  };
}
