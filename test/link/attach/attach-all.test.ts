// depends on: newest kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { struct, u32 } from '../../../src/bytes/codec/index.ts';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { ClosedError } from '../../../src/errors/index.ts';
import { type CollectionAttachOptions, Link, type Links } from '../../../src/link/index.ts';
import { RingBuffer } from '../../../src/ringbuf/index.ts';
import { interfaceIndex, openDescriptors } from '../../../src/sys/index.ts';
import { fixture } from '../../collection/fixture.ts';
import { needsRoot } from '../../needs.ts';
import { ownCgroup, tryConnect } from '../network/cgroup-support.ts';
import { inOwnNetwork } from '../network/own-network.ts';
import { ownTracefs } from '../support.ts';

const FILE = fixture('attach.el.clang19.o');
const event = struct({ source: u32, pid: u32 });
const FROM = { tp: 1, rawTp: 2, tpBtf: 3, xdp: 4, connect: 5, sample: 6 };

/** Which sources have reported since the last look. */
function sources(events: RingBuffer<{ source: number }>): number[] {
  return [...new Set(events.take().map(({ source }) => source))].sort();
}

test('one call attaches what sections say; all report through one ring', needsRoot(), async () => {
  using tracefs = ownTracefs();
  using collection = await Collection.load(FILE);
  using events = RingBuffer.open(collection.map('events', 'ringbuf'), { value: event });
  const programs = { on_fork: { tracefs: tracefs.folder } };
  const links = collection.attach({ programs });
  assert.deepEqual(
    [...links].map(([name, link]) => [name, link.type]),
    [
      ['on_fork', 'perf_event'],
      ['on_fork_raw', 'raw_tracepoint'],
      ['on_fork_typed', 'raw_tracepoint'],
    ],
  );
  assert.deepEqual(links.skipped, [
    { program: 'close', reason: 'no option says where: give interface' },
    { program: 'on_connect', reason: 'no option says where: give cgroup' },
    { program: 'on_sample', reason: 'no option says where: give event' },
    { program: 'run_by_hand', reason: 'it is run with testRun, not attached' },
  ]);
  assert.equal(links.size, 3);
  assert.ok(links.on_fork instanceof Link);
  assert.equal(links.get('on_fork'), links.on_fork);
  assert.equal(links.get('close'), undefined);
  // The kernel says the same of each link as the library knew without asking.
  for (const [name, link] of links) {
    assert.equal(link.info().type, link.type, name);
    assert.equal(link.info().programId, collection.programs[name]?.info().id);
  }
  events.take();
  spawnSync('true');
  assert.deepEqual(sources(events), [FROM.tp, FROM.rawTp, FROM.tpBtf]);
  links.close();
  links.close();
  assert.ok(links.closed && [...links].every(([, link]) => link.closed));
  events.take();
  spawnSync('true');
  assert.deepEqual(sources(events), []);
});

test('shared options and options of single programs say the rest', needsRoot(), async (t) => {
  using cgroup = ownCgroup(t);
  if (cgroup === undefined) return;
  using collection = Collection.loadSync(FILE);
  using events = RingBuffer.open(collection.map('events', 'ringbuf'), { value: event });
  await inOwnNetwork(() => {
    using links = collection.attach({
      interface: 'lo',
      cgroup: cgroup.path,
      skip: ['on_fork', 'on_fork_raw', 'on_fork_typed'],
      programs: {
        on_sample: { event: 'cpu_clock', frequency: 49, cpu: 0 },
        // It is skipped although it is named here.
        on_fork: { cookie: 1 },
      },
    });
    assert.deepEqual(
      links.skipped.map(({ program }) => program),
      ['run_by_hand'],
    );
    // Its name is that of a method, which stays what it is.
    assert.equal(typeof links.close, 'function');
    const info = links.get('close')?.info();
    assert.ok(info?.type === 'xdp');
    assert.equal(info.interfaceIndex, interfaceIndex('lo'));
    assert.equal(links.on_connect?.type, 'cgroup');
    assert.equal(links.on_sample?.info().type, 'perf_event');
  });
  using connecting = collection.attach({ only: ['on_connect'], cgroup: cgroup.path });
  assert.equal(connecting.size, 1);
  assert.deepEqual(connecting.skipped, []);
  events.take();
  assert.equal(await tryConnect(cgroup.path), 'connected');
  assert.deepEqual(sources(events), [FROM.connect]);
});

test('when one is refused, none stays attached', needsRoot(), () => {
  using tracefs = ownTracefs();
  using collection = Collection.loadSync(FILE, { programs: ['refused'] });
  using events = RingBuffer.open(collection.map('events', 'ringbuf'), { value: event });
  const before = openDescriptors().length;
  const programs = {
    on_fork: { tracefs: tracefs.folder },
    refused: { tracefs: tracefs.folder },
  };
  assert.throws(() => collection.attach({ programs }), {
    code: 'ENOENT',
    message:
      /^Cannot attach program "refused" \(tracepoint\) of SEC\("\?tp\/sched\/no_such_tracepoint"\) to tracepoint sched\/no_such_tracepoint: ENOENT/,
  });
  assert.equal(openDescriptors().length, before);
  events.take();
  spawnSync('true');
  assert.deepEqual(sources(events), []);
});

test('wrong options are refused before anything is attached', needsRoot(), () => {
  using collection = Collection.loadSync(FILE);
  const before = openDescriptors().length;
  const cases: readonly (readonly [options: unknown, message: RegExp])[] = [
    [{ iface: 'lo' }, /^collection\.attach: unknown option "iface"$/],
    [{ only: 'on_fork' }, /^collection\.attach: only must be an array, got/],
    [
      { only: ['on_frok'] },
      /only: the collection has no program or struct_ops "on_frok" \(did you mean "on_fork"/,
    ],
    [{ skip: [1] }, /^collection\.attach: skip\[0\] must be a string, got 1$/],
    [{ interface: 1n }, /^collection\.attach: interface must be a name or an index, got 1n$/],
    [{ netns: 5 }, /^collection\.attach: netns must be a path or an Fd, got 5$/],
    [{ cgroup: {} }, /^collection\.attach: cgroup must be a path or an open descriptor, got an object$/],
    [{ programs: { nothing: {} } }, /programs: the collection has no program or struct_ops "nothing"/],
    [{ programs: { on_fork: 5 } }, /^collection\.attach: programs\.on_fork must be an object, got 5$/],
    [
      { only: ['on_fork_raw'], programs: { on_fork_raw: { cokie: 1 } } },
      /^collection\.attach: program "on_fork_raw" \(raw_tracepoint\) of SEC\("raw_tp\/sched_process_fork"\): attachRawTracepoint: unknown option "cokie"/,
    ],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => collection.attach(options as CollectionAttachOptions), {
      name: 'TypeError',
      message,
    });
  }
  assert.equal(openDescriptors().length, before);
  collection.close();
  assert.throws(() => collection.attach(), ClosedError);
});

test('links that nobody holds live as long as the collection', needsRoot(), async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const what = /^link of program "on_fork_raw"/;
  const attached = (): number => openDescriptors().filter((each) => what.test(each.what)).length;
  /** Lets the collector run until there are so many links, or for a while. */
  const settle = async (wanted: number): Promise<void> => {
    for (let tries = 0; tries < 20 && attached() !== wanted; tries++) {
      collect();
      await setImmediate();
    }
  };
  let collection: Collection | undefined = Collection.loadSync(FILE);
  (() => void collection.attach({ only: ['on_fork_raw'] }))();
  await settle(0);
  assert.equal(attached(), 1, 'the collection holds them');
  collection.close();
  await settle(0);
  assert.equal(attached(), 1, 'also when it is closed');
  collection = undefined;
  await settle(0);
  assert.equal(attached(), 0, 'they go with the object');
});

test('links that are kept stay until they are closed', needsRoot(), async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const keep = (): WeakRef<Links> => {
    using collection = Collection.loadSync(FILE);
    return new WeakRef(collection.attach({ only: ['on_fork_raw'] }).keep());
  };
  const kept = keep();
  for (let tries = 0; tries < 20; tries++) {
    collect();
    await setImmediate();
  }
  const links = kept.deref();
  assert.equal(links?.on_fork_raw?.closed, false);
  links?.close();
  assert.throws(() => links?.keep(), ClosedError);
});

test('a target that was edited in the spec counts', needsRoot(), () => {
  const spec = CollectionSpec.loadSync(FILE);
  const { on_fork_raw: program } = spec.programs;
  assert.ok(program !== undefined);
  program.attachTo = 'sched_process_exit';
  using collection = Collection.loadSync(spec);
  assert.equal(collection.programs.on_fork_raw?.section, 'raw_tp/sched_process_exit');
  using links = collection.attach({ only: ['on_fork_raw'] });
  const info = links.on_fork_raw?.info();
  assert.ok(info?.type === 'raw_tracepoint');
  assert.equal(info.tracepoint, 'sched_process_exit');
});
