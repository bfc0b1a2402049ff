import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachType, ProgramType } from '../../src/abi/index.ts';
import {
  type AsmItem,
  add,
  atomicAdd,
  call,
  exit,
  jeq,
  label,
  loadMap,
  mov,
  r0,
  r1,
  r2,
  r10,
  st,
} from '../../src/asm/index.ts';
import { u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfError } from '../../src/errors/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { mountFileSystem, unmount } from '../../src/sys/index.ts';

export { needsRoot } from '../needs.ts';

/** Mounts a separate tracefs for the test, because another test may unmount its own at any moment. */
export function ownTracefs(): { readonly folder: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-tracefs-'));
  mountFileSystem('tracefs', folder);
  return {
    folder,
    [Symbol.dispose](): void {
      unmount(folder);
      rmdirSync(folder);
    },
  };
}

/** A program that counts its runs. */
export interface Counter {
  readonly program: Program;
  /** How often the program ran. */
  count(): number;
  close(): void;
  [Symbol.dispose](): void;
}

interface CounterOptions {
  readonly attachType?: AttachType | undefined;
  readonly attachBtfId?: number;
  /** What the program returns. Default: 0 */
  readonly result?: number;
  readonly name?: string;
  readonly section?: string | undefined;
}

/** Instructions that add one to the first entry of an array of u64. */
function countRun(map: BpfMap<number, bigint>): AsmItem[] {
  return [
    st('u32', r10, -4, 0),
    mov(r2, r10),
    add(r2, -4),
    loadMap(r1, map),
    call('map_lookup_elem'),
    jeq(r0, 0, 'out'),
    mov(r1, 1),
    atomicAdd('u64', r0, 0, r1),
    label('out'),
  ];
}

export function counter(type: ProgramType, options: CounterOptions = {}): Counter {
  const map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1 });
  const { result = 0, attachType, attachBtfId, section, name = 'counter' } = options;
  const load = (): Program =>
    Program.loadSync({
      type,
      name,
      section,
      license: 'GPL',
      attachType,
      attachBtfId,
      instructions: [...countRun(map), mov(r0, result), exit()],
    });
  let program: Program;
  try {
    program = load();
  } catch (error) {
    map.close();
    throw error;
  }
  const close = (): void => {
    program.close();
    map.close();
  };
  return { program, count: () => Number(map.get(0)), close, [Symbol.dispose]: close };
}

/** Returns the value, or the reason why this kernel refuses. For things that only a try can find out. */
export function tryTo<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (BpfError.is(error)) return `this kernel refuses: ${error.message.split('\n')[0]}`;
    throw error;
  }
}
