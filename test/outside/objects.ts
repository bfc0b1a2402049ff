/** The BPF objects in Debian's packages, as files that libbpf can open too. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { CollectionSpec } from '../../src/collection/index.ts';
import { findObjects } from './embedded.ts';
import { outsideFolder } from './packages.ts';

export interface OutsideObject {
  /** Where it was found. */
  readonly name: string;
  /** A separate copy of the object. */
  readonly file: string;
  /** Reads a new spec from it. */
  spec(): CollectionSpec;
}

/** All objects, or the reason why there are none. The copies are removed when the test is over. */
export function outsideObjects(t: TestContext): OutsideObject[] | string {
  const { folder, missing = '' } = outsideFolder();
  if (folder === undefined) return missing;
  const copies = mkdtempSync(join(tmpdir(), 'ebpf-ts-outside-'));
  t.after(() => rmSync(copies, { recursive: true }));
  return findObjects(folder).map(({ name, bytes }, i) => {
    const file = join(copies, `${i}.o`);
    writeFileSync(file, bytes);
    return { name, file, spec: () => CollectionSpec.parse(bytes, { file: name }) };
  });
}

/** Whether the object has map definitions of the old form, which libbpf no longer reads. */
export function isLegacy(spec: CollectionSpec): boolean {
  return Object.values(spec.maps).some(
    ({ section }) => section !== undefined && /(^|\/)maps(\/|$)/.test(section),
  );
}
