/** Compares what this library and libbpf read from an object file. */
import assert from 'node:assert/strict';
import {
  attachTypes,
  type MapType,
  mapCreateFlagTable,
  mapTypes,
  programTypes,
} from '../../src/abi/index.ts';
import { slotsOf } from '../../src/asm/index.ts';
import type { CollectionSpec, MapSpec } from '../../src/collection/index.ts';
import { mapName } from '../../src/collection/load/maps/recipe.ts';
import { isEventMap } from '../../src/collection/spec/map-spec.ts';
import { pageSize } from '../../src/sys/index.ts';
import type { JudgedObject } from './judge.ts';

/** How many characters of a name the kernel keeps. */
const NAME_LENGTH = 15;
const sorted = (rows: readonly (readonly unknown[])[]): string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

/**
 * The sizes of key and value that both libraries take from the object. Not the value of a struct_ops map, because the
 * kernel's struct has another size than the object's. None of an event map, because this library reads the type of its
 * value as the type of its records.
 */
function sizes(type: MapType, map: { readonly keySize: number; readonly valueSize: number }): number[] {
  if (isEventMap(type)) return [];
  return type === 'struct_ops' ? [map.keySize] : [map.keySize, map.valueSize];
}

/** libbpf rounds the size of a ring buffer when it reads the object. This library rounds when it creates the map. */
function roundedEntries({ type, maxEntries }: MapSpec): number {
  const isRing = type === 'ringbuf' || type === 'user_ringbuf';
  return isRing ? Math.max(pageSize(), 2 ** Math.ceil(Math.log2(maxEntries))) : maxEntries;
}

/** This library reads the flag of the memory node into a field of its own. */
function flagBits({ flags, numaNode }: MapSpec): number {
  return mapCreateFlagTable.bits([...flags, ...(numaNode === undefined ? [] : (['numa_node'] as const))]);
}

/** Fails if maps or programs differ. */
export function assertSameSpec(spec: CollectionSpec, judged: JudgedObject, file: string): void {
  assert.deepEqual(
    sorted(
      Object.values(spec.maps).map((map) => [
        ...[mapName(map, file).slice(0, NAME_LENGTH), mapTypes.number(map.type), ...sizes(map.type, map)],
        ...[roundedEntries(map), flagBits(map)],
      ]),
    ),
    sorted(
      judged.maps.map((map) => [
        ...[map.name.slice(0, NAME_LENGTH), map.type, ...sizes(mapTypes.name(map.type) ?? 'unspec', map)],
        ...[map.maxEntries, map.flags],
      ]),
    ),
  );
  assert.deepEqual(
    sorted(
      Object.values(spec.programs).map((program) => [
        ...[program.name, program.section.replace(/^\?/, '')],
        program.type === undefined ? 0 : programTypes.number(program.type),
        program.attachType === undefined ? 0 : attachTypes.number(program.attachType),
        program.instructions.reduce((sum, instruction) => sum + slotsOf(instruction), 0),
        program.autoload,
      ]),
    ),
    sorted(
      judged.programs.map((program) => [
        ...[program.name, program.section, program.type, program.attachType],
        ...[program.instructions, program.autoload],
      ]),
    ),
  );
}
