import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COUNTERS, instrument } from './coverage/instrument.ts';
import { signatureOf } from './finding.ts';
import { minimise } from './minimise.ts';
import { random } from './mutate/random.ts';
import { targets } from './targets/index.ts';

/** Runs the text of a module with counters. Returns the `result` that it exports, and the counters. */
async function counted(source: string): Promise<{ result: unknown; counts: number[] }> {
  let used = 0;
  const text = instrument(source, () => used++);
  assert.equal(text.split('\n').length, source.split('\n').length, 'lines stay where they are');
  const counts = new Array<number>(used).fill(0);
  Reflect.set(globalThis, COUNTERS, counts);
  const url = `data:text/javascript,${encodeURIComponent(text)}`;
  const { result } = (await import(url)) as { result: unknown };
  return { result, counts };
}

test('counters leave a program as it is, and count what is taken', async () => {
  const source = `
    const pick = (n) => n > 2 ? 'many' : n === 0 ? 'none' : ({ few: n }).few;
    class Base { constructor(x) { this.x = x ?? 7; } }
    class Sub extends Base { constructor() { super(); for (const _ of [1, 2, 3]) this.x++; } }
    function kind(n) {
      switch (n) { case 1: case 2: return 'low'; case 3: { return 'three'; } default: return 'high'; }
    }
    let caught = false;
    try { throw new Error(); } catch { caught = true; }
    if (caught) caught = 'yes'; else if (!caught) caught = 'no';
    let i = 0; while (i < 2) i++; do i++; while (i < 5);
    export const result = [pick(0), pick(1), pick(9), new Sub().x, kind(2), kind(3), kind(4), caught, i];`;
  const { result, counts } = await counted(source);
  assert.deepEqual(result, ['none', 1, 'many', 10, 'low', 'three', 'high', 'yes', 5]);
  assert.ok(counts.includes(3), 'a loop counts its rounds');
  assert.ok(counts.includes(0), 'what is not taken is not counted');
});

test('all of the package can be given counters', () => {
  const folder = fileURLToPath(new URL('../../lib', import.meta.url));
  let used = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.js')) instrument(readFileSync(join(folder, name), 'utf8'), () => used++);
  }
  assert.ok(used > 5000, String(used));
});

test('a finding is made small: what does not matter is undamaged again', () => {
  const origin = [new Uint8Array(1000), Uint8Array.of(1, 2)];
  const bytes = new Uint8Array(1000).fill(9);
  const fails = ([part = bytes]: readonly Uint8Array[]): boolean => part[123] === 9 && part[800] === 9;
  const [small, other] = minimise([bytes, Uint8Array.of(3)], origin, fails);
  assert.deepEqual(
    [...(small ?? [])].flatMap((byte, at) => (byte === 0 ? [] : [at])),
    [123, 800],
  );
  assert.deepEqual(other, origin[1]);
  assert.equal(signatureOf(new RangeError('at 12')), signatureOf(new RangeError('at 345')));
});

for (const target of targets) {
  test(`${target.name}: undamaged input is read, and damage can be repeated`, () => {
    const seeds = target.seeds(random(1));
    assert.ok(seeds.length > 10);
    for (const seed of seeds.slice(0, 10)) assert.notEqual(target.run(seed), undefined);
    const damaged = (): unknown => {
      const next = random(7);
      return seeds.slice(0, 5).map((seed) => target.mutate(seed, next));
    };
    assert.deepEqual(damaged(), damaged());
  });
}
