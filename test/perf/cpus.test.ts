// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CpuRings } from '../../src/perf/cpu-rings.ts';
import { checkOptions } from '../../src/perf/options.ts';
import { native, onlineCpus, openDescriptors, withBinding } from '../../src/sys/index.ts';
import { needsRoot, perfMap, writer } from './support.ts';

const ENODEV = 19;

/** Runs `body` as if this CPU were offline. Tests must not change whether it really is. */
function withoutCpu<T>(cpu: number, body: () => T): T {
  const real = native();
  const syscall: typeof real.syscall = (number, ...args) =>
    number === real.numbers.perf_event_open && args[2] === cpu ? -ENODEV : real.syscall(number, ...args);
  return withBinding({ ...real, syscall }, body);
}

/** Reads a record and returns the CPU that wrote it, and its number. Undefined if there is none. */
function readOne(rings: CpuRings): unknown {
  const stretch = rings.find();
  if (stretch === undefined) return undefined;
  const number = stretch.view.getBigUint64(stretch.places[2 * stretch.at++] as number, true);
  return [rings.cpu, number];
}

test(
  'a CPU that goes offline while buffers are opened is left out, and read once it is back',
  needsRoot(),
  () => {
    const cpu = onlineCpus().at(-1) ?? 0;
    using map = perfMap();
    using program = writer(map);
    const before = openDescriptors().length;
    const rings = withoutCpu(cpu, () => new CpuRings(map, 'test', checkOptions(map, {})));
    assert.equal(program.write(1n, cpu), false, 'nowhere to write to');
    assert.equal(rings.find(), undefined);
    rings.look();
    assert.equal(program.write(2n, cpu), true);
    assert.deepEqual(readOne(rings), [cpu, 2n]);
    rings.close();
    assert.equal(openDescriptors().length, before);
  },
);

test('a CPU that went offline is read to the end, and opened anew when it is back', needsRoot(), (t) => {
  const [cpu = 0, other] = onlineCpus();
  if (other === undefined) return t.skip('needs a second CPU');
  using map = perfMap();
  using program = writer(map);
  const before = openDescriptors().length;
  const rings = new CpuRings(map, 'test', checkOptions(map, {}));
  const opened = openDescriptors().length;
  program.write(1n, cpu);
  program.write(2n, other);
  rings.look([cpu]);
  assert.equal(program.write(3n, other), false, 'nowhere to write to');
  const read: unknown[] = [];
  for (let one = readOne(rings); one !== undefined; one = readOne(rings)) read.push(one);
  assert.deepEqual(read, [
    [cpu, 1n],
    [other, 2n],
  ]);
  assert.equal(openDescriptors().length, opened - 1, 'what was read to the end is closed');
  program.write(4n, cpu);
  assert.deepEqual(readOne(rings), [cpu, 4n], 'the others are read as before');
  rings.look();
  assert.equal(program.write(5n, other), true);
  assert.deepEqual(readOne(rings), [other, 5n]);
  rings.close();
  assert.equal(openDescriptors().length, before);
});
