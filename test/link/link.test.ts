// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachRawTracepoint, Link } from '../../src/link/index.ts';
import { runWithToken } from '../../src/testing/index.ts';
import { counter, needsRoot } from './support.ts';

const AT = { name: 'sched_process_exec' };

test('a link is found by its id', needsRoot(), () => {
  using runs = counter('raw_tracepoint');
  using link = attachRawTracepoint(runs.program, AT);
  const { id } = link.info();
  using same = Link.fromId(id);
  assert.equal(same.type, 'raw_tracepoint');
  assert.deepEqual(same.info(), link.info());
  assert.throws(() => Link.fromId(0x7fff_fff0), { code: 'ENOENT', command: 'link_get_fd_by_id' });
});

test('a descriptor of something else is refused and closed', needsRoot(), () => {
  using runs = counter('raw_tracepoint');
  const fd = runs.program.fd.duplicate();
  assert.throws(() => Link.fromFd(fd), {
    code: 'ERR_BPF_WRONG_OBJECT',
    message: /as a link: it is a program/,
  });
  assert.equal(fd.closed, true);
});

test('a closed link', needsRoot(), () => {
  using runs = counter('raw_tracepoint');
  const link = attachRawTracepoint(runs.program, AT);
  assert.throws(() => link.update(runs.program), { command: 'link_update' });
  assert.throws(() => link.detach(), {
    code: 'EOPNOTSUPP',
    message: /raw_tracepoint cannot be detached: remove the pins/,
  });
  link.close();
  link.close();
  assert.equal(link.closed, true);
  for (const use of [() => link.info(), () => link.detach(), () => link.update(runs.program)]) {
    assert.throws(use, { code: 'ERR_BPF_CLOSED' });
  }
});

test('pinned links', async (t) => {
  await runWithToken(
    t,
    'a pin keeps a program attached',
    'any',
    () => {
      using runs = counter('raw_tracepoint');
      const link = attachRawTracepoint(runs.program, { name: 'sys_enter' });
      link.pin('/sys/fs/bpf/link');
      link.close();
      const before = runs.count();
      using again = Link.fromPinned('/sys/fs/bpf/link');
      assert.ok(runs.count() > before, 'it ran meanwhile');
      assert.equal(again.type, 'raw_tracepoint');
      runs.program.pin('/sys/fs/bpf/program');
      assert.throws(() => Link.fromPinned('/sys/fs/bpf/program'), { code: 'ERR_BPF_WRONG_OBJECT' });
      assert.throws(() => Link.fromPinned('/sys/fs/bpf/nothing'), { code: 'ENOENT' });
    },
    { capabilities: ['perfmon'] },
  );
});
