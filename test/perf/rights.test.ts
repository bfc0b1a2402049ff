// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u64le } from '../../src/bytes/codec/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { mountFileSystem, openDescriptors, perfEventParanoid, unmount } from '../../src/sys/index.ts';
import { runWithToken, withCapabilities } from '../../src/testing/index.ts';
import { needsRoot, perfMap, writer } from './support.ts';

test('a missing capability is named, and nothing stays open', needsRoot(), (t) => {
  const paranoid = perfEventParanoid() ?? 0;
  if (paranoid <= 0) return t.skip('everybody may read all perf events here');
  // Some distributions' kernels have values above 2. Then CAP_PERFMON is not enough.
  const needed = paranoid > 2 ? 'sys_admin' : 'perfmon';
  using map = perfMap();
  using program = writer(map);
  const before = openDescriptors().length;
  withCapabilities(['bpf'], () => {
    assert.throws(() => PerfBuffer.open(map), {
      name: 'BpfError',
      code: 'EACCES',
      syscall: 'perf_event_open',
      message:
        'Cannot open perf buffer "events" (perf_event_array): EACCES: this needs ' +
        `CAP_${needed.toUpperCase()} in the initial user namespace${needed === 'sys_admin' ? ` (because kernel.perf_event_paranoid is ${paranoid})` : ''}, which this process lacks, or kernel.perf_event_paranoid at 0 or below${needed === 'sys_admin' ? '' : ` (now ${paranoid})`}: a ring buffer (map type ringbuf) needs none of this`,
    });
  });
  assert.equal(openDescriptors().length, before);
  // A reader that was opened with the capability works without it.
  using reader = withCapabilities([needed], () => PerfBuffer.open(map, { value: u64le }));
  program.write(1n);
  assert.deepEqual(
    withCapabilities([], () => reader.take()),
    [1n],
  );
});

test('under a token', async (t) => {
  await runWithToken(
    t,
    'the map can be made, and the error says that no token opens its buffers',
    { cmds: ['map_create'], maps: ['perf_event_array'] },
    () => {
      using map = perfMap();
      if ((perfEventParanoid() ?? 0) <= 0) {
        using reader = PerfBuffer.open(map);
        assert.deepEqual(reader.take(), []);
        return;
      }
      assert.throws(() => PerfBuffer.open(map), {
        code: 'EACCES',
        message:
          /this needs CAP_(PERFMON|SYS_ADMIN) in the initial user namespace.*, or .*; a BPF token does not help: /,
      });
    },
  );
});

test('a covered /proc', async (t) => {
  if ((perfEventParanoid() ?? 0) <= 0) return t.skip('everybody may read all perf events here');
  await runWithToken(
    t,
    'the error names the setting without a value that it could not read',
    { cmds: ['map_create'], maps: ['perf_event_array'] },
    () => {
      using map = perfMap();
      mountFileSystem('tmpfs', '/proc');
      try {
        assert.throws(() => PerfBuffer.open(map), {
          code: 'EACCES',
          message: /CAP_(PERFMON|SYS_ADMIN) .*, or kernel\.perf_event_paranoid at 0 or below[:;]/,
        });
      } finally {
        unmount('/proc');
      }
    },
    { capabilities: ['sys_admin'] },
  );
});
