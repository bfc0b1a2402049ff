import type { BtfKind, BtfOutline, BtfType } from '../types.ts';
import type { StepCounter } from './problem.ts';
import type { Side } from './side.ts';

/** The object's types, and the types that it is adapted to. */
export interface Pair {
  readonly local: Side;
  readonly target: Side;
  readonly steps: StepCounter;
}

export function isEnum<T extends BtfType | BtfOutline>(
  type: T,
): type is T & { readonly kind: 'enum' | 'enum64' } {
  return type.kind === 'enum' || type.kind === 'enum64';
}

export function isComposite<T extends BtfType | BtfOutline>(
  type: T,
): type is T & { readonly kind: 'struct' | 'union' } {
  return type.kind === 'struct' || type.kind === 'union';
}

/** Whether two kinds are the same. An enum is one kind, whatever the width of its values. */
export function sameKind(a: BtfKind, b: BtfKind): boolean {
  return a === b || ((a === 'enum' || a === 'enum64') && (b === 'enum' || b === 'enum64'));
}
