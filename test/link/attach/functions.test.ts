// depends on: newest kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { AttachType } from '../../../src/abi/index.ts';
import { type AttachOptions, attach, type LinkInfo } from '../../../src/link/index.ts';
import { sectionKinds } from '../../../src/sections/index.ts';
import { counter, needsRoot, tryTo } from '../support.ts';

const LIBRARY = 'libc.so.6';
const FUNCTION = 'getppid';
const nap = (): void => void spawnSync('sleep', ['0.01']);
const ask = (): void => void process.ppid;

/** Sections, and what makes their programs run. */
const sections: readonly (readonly [
  section: string,
  event: () => void,
  about: Partial<LinkInfo> & { readonly type: string },
  options?: AttachOptions,
])[] = [
  [`uprobe/${LIBRARY}:${FUNCTION}`, ask, { type: 'perf_event' }],
  [`uretprobe/${LIBRARY}:${FUNCTION}`, ask, { type: 'perf_event' }],
  [`uprobe.multi/${LIBRARY}:${FUNCTION}`, ask, { type: 'uprobe_multi', count: 1, flags: [] }],
  [`uretprobe.multi/${LIBRARY}:${FUNCTION.slice(0, -1)}?`, ask, { type: 'uprobe_multi', flags: ['return'] }],
  [`uprobe.session/${LIBRARY}:${FUNCTION}`, ask, { type: 'uprobe_multi' }],
  [`uprobe.multi/${LIBRARY}:nothing*`, ask, { type: 'uprobe_multi', count: 1 }, { places: [FUNCTION] }],
  ['kprobe/do_nanosleep', nap, { type: 'perf_event' }],
  ['kretprobe/do_nanosleep', nap, { type: 'perf_event' }],
  ['ksyscall/clock_nanosleep', nap, { type: 'perf_event' }],
  ['kretsyscall/clock_nanosleep', nap, { type: 'perf_event' }],
  ['kprobe.multi/do_nanosl*', nap, { type: 'kprobe_multi' }],
  ['kretprobe.multi/do_nanosleep', nap, { type: 'kprobe_multi', flags: ['return'] }],
  ['kprobe.session/do_nanosleep', nap, { type: 'kprobe_multi' }],
  ['kprobe', nap, { type: 'perf_event' }, { function: 'do_nanosleep' }],
];

/** What the section says the program is loaded for. */
function attachTypeOf(section: string): AttachType | undefined {
  return sectionKinds().find(({ name }) => name === section.split('/')[0])?.attachType;
}

for (const [section, event, about, options] of sections) {
  test(`SEC("${section}") is attached by what it says`, needsRoot(), (t) => {
    const attachType = attachTypeOf(section);
    const runs = tryTo(() => counter('kprobe', { attachType, section }));
    if (typeof runs === 'string') return t.skip(runs);
    using loaded = runs;
    const link = tryTo(() => attach(loaded.program, options));
    if (typeof link === 'string') {
      // Only what this kernel cannot do may be refused.
      assert.match(link, /no kprobes|no uprobes|CONFIG_FPROBE|may be too old/);
      return t.skip(link);
    }
    using attached = link;
    const info = attached.info();
    assert.deepEqual({ ...info, ...about }, info, 'the kernel says the same');
    assert.equal(attached.type, info.type);
    const before = loaded.count();
    event();
    assert.ok(loaded.count() > before, 'it runs');
    attached.close();
    const after = loaded.count();
    event();
    assert.equal(loaded.count(), after);
  });
}

const wrong: readonly (readonly [section: string, message: RegExp])[] = [
  [
    'kprobe/a b',
    /a kernel function is written NAME, NAME\+OFFSET or MODULE:NAME, such as do_unlinkat\+0x10, not "a b"/,
  ],
  [
    'usdt/libc.so.6:setjmp',
    /a USDT probe is written PATH:PROVIDER:NAME, such as libc\.so\.6:libc:setjmp, not/,
  ],
  [
    'uprobe//bin/true',
    /the place of a uprobe is written PATH:FUNCTION, PATH:FUNCTION\+OFFSET or PATH:OFFSET, not "\/bin\/true"/,
  ],
  ['uprobe', /no option says where: give path$/],
  ['usdt', /no option says where: give path, provider and name$/],
];

for (const [section, message] of wrong) {
  test(`SEC("${section}") does not say where`, needsRoot(), () => {
    using runs = counter('kprobe', { section });
    assert.throws(
      () => attach(runs.program),
      (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^attach: program "counter" \(kprobe\)/);
        return true;
      },
    );
  });
}
