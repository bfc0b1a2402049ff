import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FormatError } from '../../../../src/errors/index.ts';
import { librariesInCache } from '../../../../src/link/file/executable/ld-cache.ts';
import { mutateBytes } from '../../../fuzz/mutate/bytes.ts';
import { random } from '../../../fuzz/mutate/random.ts';
import { ldCache } from './ld-cache-writer.ts';

const entries = [
  { name: 'libz.so.1', path: '/lib/libz.so.1' },
  { name: 'libc.so.6', path: '/v3/libc.so.6', level: 1 },
  { name: 'libc.so.6', path: '/lib/libc.so.6' },
  { name: 'libc.so.6', path: '/lib32/libc.so.6', flags: 3 },
];
const levels = ['x86-64-v2', 'x86-64-v3'];

const expected = [
  { name: 'libc.so.6', path: '/v3/libc.so.6', flags: 0x303, level: 'x86-64-v3' },
  { name: 'libc.so.6', path: '/lib/libc.so.6', flags: 0x303, level: undefined },
  { name: 'libc.so.6', path: '/lib32/libc.so.6', flags: 3, level: undefined },
];

test('the libraries of a cache', () => {
  for (const littleEndian of [true, false]) {
    for (const old of [true, false]) {
      const cache = ldCache({ entries, levels, littleEndian, old });
      assert.deepEqual(librariesInCache(cache, 'libc.so.6'), expected);
    }
  }
  const all = librariesInCache(ldCache({ entries, levels }), '');
  assert.deepEqual(
    all.map(({ name }) => name),
    ['libz.so.1', 'libc.so.6', 'libc.so.6', 'libc.so.6'],
  );
  assert.deepEqual(librariesInCache(ldCache({ entries: [] }), ''), []);
  // Without extensions, or with an index that they lack, the level has no name.
  assert.equal(librariesInCache(ldCache({ entries }), 'libc')[0]?.level, undefined);
  assert.equal(librariesInCache(ldCache({ entries, levels: ['x86-64-v2'] }), 'libc')[0]?.level, undefined);
});

test('the cache of this machine, as ldconfig prints it', (t) => {
  const { status, stdout, error } = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' });
  if (error !== undefined || status !== 0) return t.skip('ldconfig is not installed, or there is no cache');
  const printed = stdout
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .map((line) => line.trim().replace(/ \(.*\) => /, ' '));
  const found = librariesInCache(new Uint8Array(readFileSync('/etc/ld.so.cache')), '');
  assert.deepEqual(
    found.map(({ name, path }) => `${name} ${path}`),
    printed,
  );
});

/** The error for a cache after a change. */
function refusal(change: (bytes: Uint8Array, view: DataView) => unknown): string {
  const bytes = ldCache({ entries, levels });
  const changed = change(bytes, new DataView(bytes.buffer));
  try {
    return `found ${librariesInCache(changed instanceof Uint8Array ? changed : bytes, 'lib').length}`;
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return error.message;
  }
}

const DAMAGE: readonly (readonly [change: Parameters<typeof refusal>[0], problem: RegExp])[] = [
  [() => new Uint8Array(0), /^ld\.so\.cache, offset 0: it is not a cache of the dynamic loader$/],
  [() => new Uint8Array(Buffer.from('ld.so-1.7.0\0\xff\xff\xff\xff', 'latin1')), /it is not a cache/],
  [(bytes) => bytes.subarray(0, 40), /it is not a cache/],
  [(bytes) => bytes.fill(0, 0, 4), /it is not a cache/],
  [(_, view) => view.setUint32(20, 5000, true), /5000 entries do not fit/],
  [(_, view) => view.setUint32(20, 0xffffffff, true), /4294967295 entries do not fit/],
  [(_, view) => view.setUint32(52, 0xfffffff0, true), /a name at 4294967280, outside the file/],
  [(_, view) => view.setUint32(56, 0x7fffffff, true), /position 2147483647 is outside/],
  [(_, view) => view.setUint32(32, 4, true), /extensions with a wrong magic/],
  [(_, view) => view.setUint32(32, 0xfffffff0, true), /position 4294967280 is outside/],
];

test('what does not fit is refused', () => {
  for (const [change, problem] of DAMAGE) assert.match(refusal(change), problem);
});

test('a text without an end, or of no sensible length, is refused', () => {
  const long = (length: number): string =>
    refusal(() => ldCache({ entries: [{ name: `lib${'a'.repeat(length - 3)}`, path: '/x' }] }));
  assert.equal(long(255), 'found 1');
  assert.match(long(256), /a text of more than 255 bytes, or without its end/);
  const cut = (): Uint8Array => {
    const bytes = ldCache({ entries: [{ name: 'libx', path: '/x' }] });
    return bytes.subarray(0, bytes.length - 1).fill(0x61, bytes.length - 4);
  };
  assert.match(refusal(cut), /without its end/);
});

test('no cache, however damaged, has another answer than libraries or a FormatError', () => {
  const next = random(1);
  const whole = ldCache({ entries, levels, old: true });
  for (let round = 0; round < 20_000; round++) {
    try {
      for (const { name, path } of librariesInCache(mutateBytes(whole, next), '')) {
        assert.ok(name.length <= 255 && path.length <= 4095);
      }
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
  }
});
