import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CpuRings } from '../../src/perf/cpu-rings.ts';
import { checkOptions } from '../../src/perf/options.ts';
import { native, onlineCpus, openDescriptors, withBinding } from '../../src/sys/index.ts';
import { needsRoot, perfMap, writer } from './support.ts';

const ENODEV = 19;

/** The kernel, as if this CPU were offline: whether it is, is not for tests to change. */
function withoutCpu<T>(cpu: number, body: () => T): T {
  const real = native();
  const syscall: typeof real.syscall = (number, ...args) =>
    number === real.numbers.perf_event_open && args[2] === cpu ? -ENODEV : real.syscall(number, ...args);
  return withBinding({ ...real, syscall }, body);
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
    assert.equal(rings.next(), false);
    rings.look();
    assert.equal(program.write(2n, cpu), true);
    assert.equal(rings.next(), true);
    assert.deepEqual([rings.cpu, rings.view.getBigUint64(rings.start, true)], [cpu, 2n]);
    rings.close();
    assert.equal(openDescriptors().length, before);
  },
);
