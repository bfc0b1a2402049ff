import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsPastIndex } from '../../../tools/layers/entrances.ts';

const imports = new Map<string, readonly string[]>([
  ['btf/index.ts', ['btf/types.ts', 'btf/core/index.ts', 'btf/core/value.ts']],
  ['btf/types.ts', []],
  ['btf/own.ts', []],
  ['btf/core/index.ts', ['btf/core/value.ts', 'btf/types.ts']],
  ['btf/core/value.ts', []],
  ['abi/index.ts', ['abi/generated/a.ts']],
  ['abi/generated/a.ts', []],
  ['map/map.ts', ['btf/index.ts', 'btf/core/index.ts', 'btf/types.ts', 'btf/own.ts', 'abi/generated/a.ts']],
  ['events/reader.ts', ['map/map.ts', 'node:fs']],
]);

test('a folder with an index is entered through the nearest one', () => {
  assert.deepEqual(importsPastIndex(imports, ['btf/own.ts']), [
    'src/btf/index.ts: imports btf/core/value.ts, past the index of src/btf/core',
    'src/map/map.ts: imports btf/types.ts, past the index of src/btf',
    'src/map/map.ts: imports abi/generated/a.ts, past the index of src/abi',
  ]);
});

test('a side entrance that nobody uses is a problem', () => {
  assert.deepEqual(importsPastIndex(imports, ['btf/own.ts', 'btf/header.ts']).slice(3), [
    'src/btf/header.ts: listed as a side entrance, but nobody uses it',
  ]);
});
