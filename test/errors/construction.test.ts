// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as btf from '../../src/btf/index.ts';
import * as elf from '../../src/elf/index.ts';
import * as root from '../../src/index.ts';
import * as link from '../../src/link/index.ts';
import * as perf from '../../src/perf/index.ts';
import * as ringbuf from '../../src/ringbuf/index.ts';
import * as sys from '../../src/sys/index.ts';
import * as token from '../../src/token/index.ts';

type Class = new (...given: unknown[]) => unknown;

/** Classes that users construct. */
const FREE = ['BtfBuilder', 'CoreRelocator', 'Poller', 'ReadableSet'];

const exported: [string, unknown][] = Object.entries({
  ...root,
  ...btf,
  ...elf,
  ...link,
  ...perf,
  ...ringbuf,
  ...sys,
  ...token,
});
const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

test('no class of kernel objects or parsed files can be constructed by hand', () => {
  const refused: string[] = [];
  for (const [name, value] of exported) {
    if (!isClass(value) || FREE.includes(name) || value.prototype instanceof Error) continue;
    const shown = value === root.BaseMap || value.prototype instanceof root.BaseMap ? 'Maps' : name;
    for (const given of [[], [{}, {}, {}], [Symbol('made by ebpf-ts'), 1, 'x']]) {
      assert.throws(() => new value(...given), {
        name: 'TypeError',
        message: new RegExp(`^${shown} cannot be constructed: use \\w+`),
      });
    }
    refused.push(name);
  }
  for (const name of [
    'Link',
    'Btf',
    'Token',
    'Program',
    'RingBuffer',
    'PerfBuffer',
    'Collection',
    'Fd',
    'BpfMap',
  ])
    assert.ok(refused.includes(name), name);
});

test('errors say what they are made from', () => {
  for (const [name, members] of Object.entries({
    BpfError: 'code',
    TokenError: 'code and reason',
    NotSupportedError: 'feature',
    RelocationError: 'kind and path',
    VerifierError: 'errno and log',
  })) {
    const ErrorClass = (root as unknown as Record<string, Class>)[name] as Class;
    for (const [init, shown] of [
      [undefined, 'undefined'],
      [null, 'null'],
      ['EPERM', '"EPERM"'],
      [{ cause: 1 }, 'an object'],
    ]) {
      assert.throws(() => new ErrorClass('x', init), {
        name: 'TypeError',
        message: `new ${name}: init must be an object with ${members}, got ${shown}`,
      });
    }
  }
  assert.equal(new root.BpfError('x', { code: 'EPERM' }).code, 'EPERM');
});
