// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { u16, u32 } from '../../../src/bytes/codec/index.ts';
import { BpfMap, type HashMap } from '../../../src/map/index.ts';
import { needsMaps } from '../needs.ts';

const key = fc.integer({ min: 0, max: 20 });
const value = fc.nat();
const mode = fc.constantFrom('any' as const, 'noexist' as const, 'exist' as const);

/** One operation. It is done to the map and to a JavaScript Map, and both must give the same result. */
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, value, mode }),
  fc.record({ do: fc.constantFrom('get', 'has', 'delete', 'take', 'entries', 'clear' as const), key }),
  fc.record({
    do: fc.constant('setMany' as const),
    entries: fc.array(fc.tuple(key, value), { maxLength: 10 }),
  }),
  fc.record({ do: fc.constant('deleteMany' as const), keys: fc.array(key, { maxLength: 10 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function sorted(entries: Iterable<[number, number]>): [number, number][] {
  return [...entries].sort(([a], [b]) => a - b);
}

function onModel(model: Map<number, number>, act: Step): unknown {
  switch (act.do) {
    case 'set': {
      const allowed = act.mode === 'any' || (act.mode === 'exist') === model.has(act.key);
      if (allowed) model.set(act.key, act.value);
      return allowed;
    }
    case 'setMany':
      for (const [k, v] of act.entries) model.set(k, v);
      return act.entries.length;
    case 'deleteMany':
      return act.keys.filter((k) => model.delete(k)).length;
    case 'entries':
      return sorted(model);
    case 'clear':
      return model.clear();
    case 'take': {
      const found = model.get(act.key);
      model.delete(act.key);
      return found;
    }
    default:
      return model[act.do as 'get' | 'has' | 'delete'](act.key);
  }
}

function onMap(map: HashMap<number, number>, act: Step): unknown {
  switch (act.do) {
    case 'set':
      return map.set(act.key, act.value, { mode: act.mode });
    case 'setMany':
      return map.setMany(act.entries);
    case 'deleteMany':
      return map.deleteMany(act.keys);
    case 'entries':
      return sorted(map);
    case 'clear':
      return map.clear();
    default:
      return map[act.do as 'get' | 'has' | 'delete' | 'take'](act.key);
  }
}

test('a hash map answers as a JavaScript Map does', needsMaps(), () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      using map = BpfMap.create({ type: 'hash', key: u16, value: u32, maxEntries: 32 });
      const model = new Map<number, number>();
      for (const act of steps) assert.deepEqual(onMap(map, act), onModel(model, act), JSON.stringify(act));
      assert.deepEqual(sorted(map), sorted(model));
      assert.deepEqual(sorted(map.takeAll()), sorted(model));
      assert.equal(map.count(), 0);
    }),
    { numRuns: 30 },
  );
});
