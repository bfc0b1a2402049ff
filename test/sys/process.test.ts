// depends on: runtime
import assert from 'node:assert/strict';
import { constants, fstatSync, openSync } from 'node:fs';
import { test } from 'node:test';
import {
  Fd,
  inInitialUserNamespace,
  ioctl,
  namespaceInode,
  perfEventOpen,
  pidfdGetfd,
  pidfdOpen,
  prctl,
  setns,
} from '../../src/sys/index.ts';

test('a descriptor is copied out of a process', () => {
  using own = Fd.adopt(openSync('/dev/null', 'r'), 'null');
  using process_ = pidfdOpen(process.pid);
  using copy = pidfdGetfd(process_, own.value, 'copy');
  assert.equal(fstatSync(copy.value).rdev, fstatSync(own.value).rdev);
  assert.notEqual(copy.value, own.value);
  assert.throws(() => pidfdGetfd(process_, 9999, 'copy'), { code: 'EBADF', syscall: 'pidfd_getfd' });
});

test('a process that is not there cannot be opened', () => {
  assert.throws(() => pidfdOpen(2 ** 22), { code: /ESRCH|EINVAL/, syscall: 'pidfd_open' });
});

test('a thread enters a namespace, which may be its own; other descriptors are refused', (t) => {
  if (process.getuid?.() !== 0) return t.skip('entering namespaces needs root');
  const before = namespaceInode('net');
  using net = Fd.adopt(openSync('/proc/self/ns/net', constants.O_RDONLY), 'the network namespace');
  setns(net);
  assert.equal(namespaceInode('net'), before);
  using other = Fd.adopt(openSync('/dev/null', 'r'), 'null');
  assert.throws(() => setns(other), { code: 'EINVAL', message: 'Cannot enter null: EINVAL' });
});

test('the initial user namespace is told from others', () => {
  assert.equal(inInitialUserNamespace(), namespaceInode('user') === 0xeffffffd);
});

test('process attributes are read and set', () => {
  const PR_GET_KEEPCAPS = 7;
  assert.equal(prctl(PR_GET_KEEPCAPS), 0);
  assert.throws(() => prctl(99999), { code: 'EINVAL', syscall: 'prctl' });
});

test('a perf event counts, and is told what to do by ioctl', (t) => {
  // include/uapi/linux/perf_event.h
  const PERF_TYPE_SOFTWARE = 1;
  const PERF_COUNT_SW_DUMMY = 9n;
  const PERF_EVENT_IOC_DISABLE = 0x2401;
  let event: Fd;
  try {
    event = perfEventOpen(
      { type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY },
      { processId: 0, cpu: -1 },
    );
  } catch (error) {
    return t.skip(`perf events are refused here: ${(error as Error).message}`);
  }
  using owned = event;
  assert.equal(ioctl(owned, PERF_EVENT_IOC_DISABLE), 0);
  assert.throws(() => ioctl(owned, 0x24ff), { code: /ENOTTY|EINVAL/, syscall: 'ioctl' });
});
