// depends on: kernel
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { attachIterator, type IteratorOptions, readIterator } from '../../../src/link/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { openDescriptors, openDirectory, pidfdOpen } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { ownCgroup } from '../network/cgroup-support.ts';
import { needsRoot, tryTo } from '../support.ts';
import { iterator, memberOffset, writeMember } from './iterator-support.ts';

/** What one run writes, as numbers. */
function run(program: Program, options?: IteratorOptions): number[] {
  using link = attachIterator(program, options);
  const bytes = readIterator(link);
  return [...new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))];
}

const processOfTask = (): Program =>
  iterator('task', writeMember([memberOffset('task_struct', 'tgid')]), 'iter/task');
const threadOfTask = (): Program => iterator('task', writeMember([memberOffset('task_struct', 'pid')]));
/** The inode of the folder is the low half of the id. */
const inodeOfCgroup = (): Program =>
  iterator(
    'cgroup',
    writeMember([memberOffset('cgroup', 'kn'), memberOffset('kernfs_node', 'id')]),
    'iter/cgroup',
  );

function parametersOrSkip(
  t: { skip(reason: string): void },
  program: Program,
  options: IteratorOptions,
): boolean {
  const tried = tryTo(() => attachIterator(program, options));
  if (typeof tried !== 'string') {
    tried.close();
    return true;
  }
  assert.match(tried, /needs Linux 6\.1|needs Linux 7\.0/);
  t.skip(tried);
  return false;
}

test(
  'an iterator over tasks walks over all, over the threads of a process, or over one thread',
  needsRoot(),
  async (t) => {
    using processes = processOfTask();
    if (!parametersOrSkip(t, processes, { processId: 0 })) return;
    // A process in a PID namespace does not know the numbers that the kernel has for it.
    const [own = 0, ...others] = run(processes, { processId: 0 });
    assert.ok(others.length > 0, 'Node has several threads');
    assert.deepEqual([...new Set(others)], [own]);
    const all = run(processes);
    assert.ok(all.includes(own) && all.length > others.length + 1);
    assert.equal(run(processes, { processId: -1 }).length > others.length + 1, true);
    assert.deepEqual([...new Set(run(processes, { processId: process.pid }))], [own]);
    assert.notDeepEqual([...new Set(run(processes, { processId: 1 }))], [own]);
    using pidfd = pidfdOpen(process.pid);
    assert.deepEqual([...new Set(run(processes, { pidfd }))], [own]);
    assert.deepEqual([...new Set(run(processes, { pidfd: pidfd.value }))], [own]);
    using link = attachIterator(processes, { processId: process.pid });
    const info = link.info();
    assert.ok(info.type === 'iter');
    assert.deepEqual([info.target, info.threadId, info.processId], ['task', 0, process.pid]);
    using threads = threadOfTask();
    assert.deepEqual(run(threads, { threadId: process.pid }), [own]);
    const before = run(threads, { processId: 0 });
    const worker = new Worker('require("node:worker_threads").parentPort.once("message", () => {})', {
      eval: true,
    });
    await once(worker, 'online');
    const added = run(threads, { processId: 0 }).filter((id) => !before.includes(id));
    assert.ok(added.length >= 1);
    worker.postMessage('end');
    await once(worker, 'exit');
    assert.deepEqual(run(processes, { processId: 0x3fff_ffff }), [], 'no such process has no threads');
  },
);

test('an iterator over cgroups walks in the order that is asked for', needsRoot(), (t) => {
  using cgroup = ownCgroup(t);
  if (cgroup === undefined) return;
  const program = tryTo(inodeOfCgroup);
  if (typeof program === 'string') return t.skip(program);
  using _ = program;
  const child = join(cgroup.path, 'child');
  const grandchild = join(child, 'grandchild');
  const inode = (path: string): number => Number(statSync(path, { bigint: true }).ino & 0xffff_ffffn);
  mkdirSync(child);
  try {
    mkdirSync(grandchild);
    const [top, middle, bottom] = [inode(cgroup.path), inode(child), inode(grandchild)];
    const at = cgroup.path;
    assert.deepEqual(run(program, { cgroup: at }), [top, middle, bottom]);
    assert.deepEqual(run(program, { cgroup: at, order: 'descendants_pre' }), [top, middle, bottom]);
    assert.deepEqual(run(program, { cgroup: at, order: 'descendants_post' }), [bottom, middle, top]);
    assert.deepEqual(run(program, { cgroup: at, order: 'self_only' }), [top]);
    using link = attachIterator(program, { cgroup: at, order: 'ancestors_up' });
    const info = link.info();
    assert.ok(info.type === 'iter');
    const { target, cgroupId, order, mapId } = info;
    assert.deepEqual(
      [target, cgroupId, order, mapId],
      ['cgroup', statSync(at, { bigint: true }).ino, 'ancestors_up', undefined],
    );
    const up = run(program, { cgroup: grandchild, order: 'ancestors_up' });
    assert.deepEqual(up.slice(0, 3), [bottom, middle, top]);
    assert.ok(up.length > 3, 'up to the root');
    using opened = openDirectory(child) as Exclude<ReturnType<typeof openDirectory>, number>;
    assert.deepEqual(run(program, { cgroup: opened }), [middle, bottom]);
    assert.deepEqual(run(program, { cgroup: opened.value, order: 'self_only' }), [middle]);
    // Without a folder: the whole hierarchy.
    assert.ok(run(program).includes(bottom));
    assert.ok(run(program, { order: 'descendants_post' }).includes(top));
    const children = tryTo(() => run(program, { cgroup: at, order: 'children' }));
    if (typeof children === 'string')
      assert.match(children, /EINVAL: .*the order "children" needs Linux 7\.0/);
    else assert.deepEqual(children, [middle]);
  } finally {
    rmdirSync(grandchild);
    rmdirSync(child);
  }
});

test('what is wrong with the parameters is said, and nothing stays open', needsRoot(), (t) => {
  using tasks = processOfTask();
  if (!parametersOrSkip(t, tasks, { processId: 0 })) return;
  using groups = inodeOfCgroup();
  const before = openDescriptors().length;
  const wrong: [Program, object, RegExp][] = [
    [tasks, { threadId: 1, processId: 1 }, /^attachIterator: give threadId or processId, not both$/],
    [tasks, { pidfd: 'x' }, /^attachIterator: pidfd must be an Fd or the number of a descriptor, got/],
    [tasks, { pidfd: 0 }, /^attachIterator: pidfd must be an integer from 1/],
    [groups, { cgroup: 0 }, /^attachIterator: cgroup must be an integer from 1/],
    [tasks, { threadId: 0 }, /^attachIterator: threadId must be an integer from 1 to/],
    [tasks, { processId: 1n }, /^attachIterator: processId must be a number, got 1n/],
    [tasks, { processID: 1 }, /did you mean "?processId/],
    [
      tasks,
      { cgroup: '/' },
      /^attachIterator: the iterator "task" does not take cgroup: the kernel would ignore it$/,
    ],
    [tasks, { order: 'children' }, /does not take order/],
    [groups, { processId: 3 }, /the iterator "cgroup" does not take processId/],
    [groups, { cgroup: '/', order: 'up' }, /^attachIterator: order must be "self_only", .*, got "up"/],
    [groups, { cgroup: '/', processId: 4 }, /give cgroup or processId, not both/],
  ];
  for (const [program, options, message] of wrong) {
    assert.throws(
      () => attachIterator(program, options as IteratorOptions),
      (error: Error) => message.test(error.message),
      `${message}`,
    );
  }
  assert.throws(() => attachIterator(groups, { cgroup: '/nowhere' }), {
    code: 'ENOENT',
    message:
      /^Cannot attach program "iterator" \(tracing\) to what it walks over: ENOENT: the folder of the cgroup cannot/,
  });
  assert.throws(() => attachIterator(groups, { cgroup: '/' }), {
    code: 'EBADF',
    message: /is not what it should be/,
  });
  assert.throws(() => attachIterator(tasks, { pidfd: 99_999 }), { code: 'EBADF' });
  assert.equal(openDescriptors().length, before);
});

test('under a token', async (t) => {
  await runWithToken(
    t,
    'an iterator over the threads of a process',
    { cmds: ['prog_load'], progs: ['tracing'], attachs: ['trace_iter'] },
    () => {
      using processes = processOfTask();
      assert.equal(new Set(run(processes, { processId: 0 })).size, 1);
    },
    { capabilities: ['perfmon'] },
  );
});
