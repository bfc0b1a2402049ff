import fc from 'fast-check';
import type { NewBtfType } from '../../src/btf/index.ts';

const name = fc
  .oneof(fc.constant(''), fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 4 }))
  .map((text) => text.replaceAll('\0', ''));
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const linkage = fc.constantFrom('static' as const, 'global' as const, 'extern' as const);

/** One type of any kind. Its references are numbers from 0 to `count`. */
function anyType(count: number): fc.Arbitrary<NewBtfType> {
  const type = fc.integer({ min: 0, max: count });
  const elements = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(element, { maxLength: 5 });
  const plain = fc.record({ name, type, bitOffset: u32, bitSize: fc.constant(0) });
  const bitField = fc.record({
    name,
    type,
    bitOffset: fc.integer({ min: 0, max: 0xff_ffff }),
    bitSize: fc.integer({ min: 1, max: 0xff }),
  });
  return fc.oneof(
    fc.record({
      kind: fc.constant('int' as const),
      name,
      size: fc.constantFrom(4, 8, 16),
      encoding: fc.constantFrom('unsigned' as const, 'signed' as const, 'char' as const, 'bool' as const),
      bits: fc.integer({ min: 0, max: 16 }),
      bitOffset: fc.integer({ min: 0, max: 16 }),
    }),
    fc.record({
      kind: fc.constantFrom('ptr', 'typedef', 'volatile', 'const', 'restrict'),
      name,
      type,
    }),
    fc.record({ kind: fc.constant('type_tag' as const), name, type, attribute: fc.boolean() }),
    fc.record({ kind: fc.constant('array' as const), name, type, indexType: type, length: u32 }),
    fc.record({
      kind: fc.constantFrom('struct' as const, 'union' as const),
      name,
      size: u32,
      members: fc.oneof(elements(plain), elements(bitField)),
    }),
    fc.record({
      kind: fc.constant('enum' as const),
      name,
      size: fc.constantFrom(1, 2, 4),
      signed: fc.constant(false),
      values: elements(fc.record({ name, value: u32 })),
    }),
    fc.record({
      kind: fc.constant('enum' as const),
      name,
      size: fc.constant(4),
      signed: fc.constant(true),
      values: elements(fc.record({ name, value: fc.integer() })),
    }),
    fc.record({
      kind: fc.constant('enum64' as const),
      name,
      size: fc.constant(8),
      signed: fc.constant(true),
      values: elements(fc.record({ name, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) })),
    }),
    fc.record({
      kind: fc.constant('fwd' as const),
      name,
      of: fc.constantFrom('struct' as const, 'union' as const),
    }),
    fc.record({ kind: fc.constant('func' as const), name, type, linkage }),
    fc.record({
      kind: fc.constant('func_proto' as const),
      name,
      returnType: type,
      parameters: elements(fc.record({ name, type })),
    }),
    fc.record({ kind: fc.constant('var' as const), name, type, linkage }),
    fc.record({
      kind: fc.constant('datasec' as const),
      name,
      size: u32,
      variables: elements(fc.record({ type, offset: u32, size: u32 })),
    }),
    fc.record({ kind: fc.constant('float' as const), name, size: fc.constantFrom(4, 8) }),
    fc.record({
      kind: fc.constant('decl_tag' as const),
      name,
      type,
      component: fc.integer({ min: -1, max: 9 }),
      attribute: fc.boolean(),
    }),
  );
}

/** Types of all kinds. They refer to each other in any way that the format can express, including circles. */
export const anyTypes: fc.Arbitrary<NewBtfType[]> = fc
  .integer({ min: 0, max: 12 })
  .chain((count) => fc.array(anyType(count), { minLength: count, maxLength: count }))
  // Makes plain objects, as the parser does. Some of fast-check's objects have no prototype.
  .map((types) => structuredClone(types));
