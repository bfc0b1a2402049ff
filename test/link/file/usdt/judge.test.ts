import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachUsdt } from '../../../../src/link/index.ts';
import { fixture } from '../../../collection/fixture.ts';
import { type JudgedProbe, judge } from '../../../judge/judge.ts';
import { compile, needsRoot, needsX86, Watcher } from './support.ts';

/** What both can read. Only this library reads hexadecimal digits, variables and the upper halves of registers. */
const NAMES = ['none', 'sizes', 'constants', 'memory', 'indexed', 'places', 'pair', 'many'];
const REFUSED_BY_LIBBPF = ['hexadecimal', 'variables', 'halves'];
const REFUSED_BY_BOTH = ['float', 'toomany', 'absent'];
const COOKIE = 0x1122_3344_5566;

test('libbpf writes the same specs', needsRoot(), async (t) => {
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const path = needsX86(t) ? compile(t, 'target', 'target.c') : undefined;
  if (path === undefined) return;
  const object = fixture('usdt-newer.el.clang19.o');
  using watcher = new Watcher('usdt-newer');
  const specs = watcher.collection.map('__bpf_usdt_specs', 'array');
  const keys = new Uint8Array(specs.maxEntries * specs.keySize);
  const values = new Uint8Array(specs.maxEntries * specs.valueSize);
  /** The specs of these probes, each alone in the map. */
  const own = (name: string, count: number): string[] => {
    using _link = attachUsdt(watcher.plain, { path, provider: 'test', name, cookie: COOKIE });
    specs.readInto({ keys, values });
    return Array.from({ length: count }, (_, id) =>
      Buffer.from(values.subarray(id * specs.valueSize, (id + 1) * specs.valueSize)).toString('hex'),
    );
  };
  const at = (name: string): JudgedProbe => ({ path, provider: 'test', name, cookie: COOKIE });
  for (const name of NAMES) {
    const judged = libbpf.usdt(object, 'plain', at(name));
    assert.ok('specs' in judged, `${name}: ${JSON.stringify(judged)}`);
    assert.deepEqual(own(name, judged.specs.length), judged.specs, name);
  }
  for (const name of [...REFUSED_BY_LIBBPF, ...REFUSED_BY_BOTH]) {
    assert.ok('error' in libbpf.usdt(object, 'plain', at(name)), name);
  }
  for (const name of REFUSED_BY_BOTH) {
    assert.throws(() => attachUsdt(watcher.plain, at(name)), { code: /^ERR_BPF_(NO_USDT|USDT_ARGUMENT)$/ });
  }
});
