import { mapTypes } from '../../src/abi/index.ts';
import { mapCreate as create } from '../../src/token/index.ts';
import type { Contender } from './serve.ts';
import { SMALL_ENTRIES } from './shape.ts';

const attr = { map_type: mapTypes.number('hash'), key_size: 4, value_size: 8, max_entries: SMALL_ENTRIES };

export function mapCreate(): Contender {
  return {
    run(count) {
      for (let i = 0; i < count; i++) create(attr).close();
    },
  };
}
