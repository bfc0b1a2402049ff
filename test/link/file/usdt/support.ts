import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Collection, CollectionSpec } from '../../../../src/collection/index.ts';
import { mountFileSystem, unmount } from '../../../../src/sys/index.ts';
import { fixture } from '../../../collection/fixture.ts';

export { needsRoot } from '../../../needs.ts';

/** Mounts a bpffs for one test. */
export function ownBpffs(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-bpffs-'));
  mountFileSystem('bpf', path);
  return {
    path,
    [Symbol.dispose](): void {
      unmount(path);
      rmSync(path, { recursive: true });
    },
  };
}

interface Skippable {
  skip(reason: string): void;
}

const SOURCES = fileURLToPath(new URL('../../../../../test/link/file/usdt/', import.meta.url));

/** A folder for the files of one test file. */
export const folder: string = mkdtempSync(join(tmpdir(), 'ebpf-ts-usdt-'));
after(() => rmSync(folder, { recursive: true }));

const built = new Map<string, string | undefined>();

/** Compiles a source of this folder, once. Skips the test if there is no compiler. */
export function compile(t: Skippable, name: string, source: string, ...flags: string[]): string | undefined {
  const output = join(folder, name);
  if (!built.has(name)) {
    const { status, error, stderr } = spawnSync('cc', ['-O1', '-o', output, join(SOURCES, source), ...flags]);
    if (error === undefined && status !== 0) throw new Error(`cc refuses ${source}: ${stderr}`);
    built.set(name, error === undefined ? output : undefined);
  }
  const found = built.get(name);
  if (found === undefined) t.skip('there is no C compiler');
  return found;
}

/** The probes of the target are written for this processor. */
export const needsX86 = (t: Skippable): boolean => {
  if (process.arch === 'x64') return true;
  t.skip('the target is written for x86');
  return false;
};

/** How the places of a probe are attached to: by one link, or by a perf event each. */
export type Way = 'one link' | 'perf events';

/** What a program saw at a probe: its arguments, the first errors, and the cookie. */
export interface Seen {
  readonly count: number;
  readonly values: readonly bigint[];
  readonly errors: readonly number[];
  readonly cookie: bigint;
}

interface Row {
  readonly cookie: bigint;
  readonly values: bigint[];
  readonly errors: number[];
  readonly count: number;
}

/** The compiled programs that write down what they see. `newer`: with a later version of usdt.bpf.h. */
export class Watcher {
  readonly collection: Collection;

  constructor(object: 'usdt' | 'usdt-newer', way?: Way, specs?: number) {
    const spec = CollectionSpec.loadSync(fixture(`${object}.el.clang19.o`));
    for (const program of Object.values(spec.programs)) {
      // Programs of such a section are never loaded for links to several places.
      if (way === 'perf events') Object.assign(program, { section: 'uprobe' });
      program.autoload = true;
    }
    const map = spec.maps.__bpf_usdt_specs;
    if (specs !== undefined && map !== undefined) map.maxEntries = specs;
    this.collection = Collection.loadSync(spec);
  }

  get plain(): Collection['programs'][string] & {} {
    return this.program('plain');
  }

  program(name: string): Collection['programs'][string] & {} {
    const found = this.collection.programs[name];
    if (found === undefined) throw new Error(`there is no program ${name}`);
    return found;
  }

  /** Watches only one process. */
  only(processId: number): void {
    this.collection.variables.wanted?.set(processId);
  }

  /** What was seen since the last time, in order. */
  take(): Seen[] {
    const hits = this.collection.variables.hits;
    const count = Number(hits?.get());
    const rows = this.collection.map('records', 'array');
    const found: Seen[] = [];
    for (let i = 0; i < count; i++) {
      const { cookie, values, errors, count: length } = rows.get(i) as Row;
      const known = Math.max(0, length);
      found.push({ count: length, values: values.slice(0, known), errors: errors.slice(0, known), cookie });
    }
    hits?.set(0);
    return found;
  }

  close(): void {
    this.collection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
