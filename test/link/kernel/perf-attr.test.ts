// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRNO } from '../../../src/errors/index.ts';
import { attachTracepoint } from '../../../src/link/index.ts';
import { type NativeBinding, native, onlineCpus, withBinding } from '../../../src/sys/index.ts';
import { counter, needsRoot, ownTracefs } from '../support.ts';

/** Attaches, and says for which CPUs events were opened. The kernel is replaced where CPU 0 should be offline. */
function cpusTried(offline: boolean): number[] {
  using tracefs = ownTracefs();
  using runs = counter('tracepoint');
  const real = native();
  const tried: number[] = [];
  const syscall: NativeBinding['syscall'] = (number, ...args) => {
    if (number !== real.numbers.perf_event_open) return real.syscall(number, ...args);
    const cpu = args[2] as number;
    tried.push(cpu);
    return offline && cpu === 0 ? -ERRNO.ENODEV : real.syscall(number, ...args);
  };
  const at = { category: 'sched', name: 'sched_process_exec', tracefs: tracefs.folder };
  withBinding({ ...real, syscall }, () => attachTracepoint(runs.program, at).close());
  return tried;
}

test('an event for all CPUs is opened on CPU 0, or on another that is online', needsRoot(), (t) => {
  assert.deepEqual(cpusTried(false), [0]);
  const other = onlineCpus().find((cpu) => cpu !== 0);
  if (other === undefined) return t.diagnostic('this machine has only one CPU');
  // No machine here can take CPU 0 offline.
  assert.deepEqual(cpusTried(true), [0, other]);
});
