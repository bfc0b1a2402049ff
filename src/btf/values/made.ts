import type { Codec } from '../../bytes/codec/index.ts';
import type { Resolver } from '../resolver.ts';
import type { Part } from './part.ts';

/** A type's codec, and what the types around it must know. */
export interface Made {
  readonly codec: Codec<unknown>;
  /** How many values, including objects and arrays, one decoded value consists of. */
  readonly values: number;
  /** Whether the bytes belong to the kernel. */
  readonly special?: boolean | undefined;
  /** For structs and unions: what they are if they have no name. */
  readonly part?: Part;
}

/** Makes the codecs of the types within a type. */
export interface Maker extends Resolver {
  make(id: number, depth: number): Made;
}
