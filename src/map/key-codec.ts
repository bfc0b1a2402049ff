import { type Codec, nameRoot, restate } from '../bytes/codec/index.ts';
import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';

/** A key that was read: its bytes in the map, and the bytes that its codec writes for it. */
interface Original {
  readonly bytes: Uint8Array;
  readonly written: Uint8Array;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bits in which two keys differ, numbered as {@link Codec.partAt} expects them. */
function* differences(a: Uint8Array, b: Uint8Array): Generator<number, void, undefined> {
  for (let i = 0; i < a.length; i++) {
    const bits = (a[i] ?? 0) ^ (b[i] ?? 0);
    for (let bit = 0; bit < 8; bit++) {
      if (((bits >> (HOST_LITTLE_ENDIAN ? bit : 7 - bit)) & 1) === 1) yield i * 8 + bit;
    }
  }
}

/** Returns the path of the innermost part that holds a bit, or `undefined` for padding. */
function pathAt(codec: Codec<unknown>, bit: number): string | undefined {
  let path = '';
  let [inner, at] = [codec, bit];
  while (inner.partAt !== undefined) {
    const part = inner.partAt(at);
    if (part === undefined) return undefined;
    path += part.step;
    [inner, at] = [part.codec, part.bit];
  }
  return path;
}

/** Refuses a key if any part of it, other than padding, would be written with other bytes. */
function refuseChangedPart(
  codec: Codec<unknown>,
  { bytes, written }: Original,
  key: unknown,
  what: string,
): void {
  for (const bit of differences(bytes, written)) {
    const path = pathAt(codec, bit);
    // This codec does not say which parts it has. If it reads an object, the difference may be padding.
    if (path === undefined || (path === '' && typeof key === 'object')) continue;
    throw new RangeError(`${what}${path}: ${changed(bytes)}`);
  }
}

function changed(key: Uint8Array): string {
  return `writing this key would give other bytes than were read (the key is ${hex(key)}): read it with the codec bytes(n)`;
}

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > 32 ? `${shown} \u2026` : shown;
}

/**
 * Makes the codec for the keys of a map. A key that was read always leads back to the entry that it was read from.
 *
 * A key is refused when it is read if any part of it, such as a text, would be written with other bytes. If only its
 * padding is not zero (a program left in it what was on its stack), the key is read as a normal object, and its
 * original bytes are remembered: that object is written with these bytes as long as its members do not change.
 *
 * @param what - how errors name a key: `map "counters" (hash): key`
 */
export function keyCodec<K>(codec: Codec<K>, what: string): Codec<K> {
  if (codec.exact === true) return codec;
  const { size } = codec;
  const memory = new DataView(new ArrayBuffer(size));
  let busy = false;
  let originals: WeakMap<object, Original> | undefined;

  /** Returns what the codec writes for a key that was read from the bytes `from`. Valid until the next call. */
  function write(key: K, from: Uint8Array): Uint8Array {
    // Codecs are foreign code and may call this again.
    const view = busy ? new DataView(new ArrayBuffer(size)) : memory;
    const bytes = new Uint8Array(view.buffer).fill(0);
    const before = busy;
    busy = true;
    try {
      codec.encode(view, 0, key);
    } catch (error) {
      throw restate(nameRoot(error, what), changed(from));
    } finally {
      busy = before;
    }
    return bytes;
  }

  return {
    name: codec.name,
    size,
    align: codec.align,
    encode(view: DataView, offset: number, key: K): void {
      codec.encode(view, offset, key);
      if (originals === undefined || typeof key !== 'object' || key === null) return;
      const original = originals.get(key);
      if (original === undefined) return;
      const target = new Uint8Array(view.buffer, view.byteOffset + offset, size);
      if (equal(target, original.written)) target.set(original.bytes);
    },
    decode(view: DataView, offset: number): K {
      const key = codec.decode(view, offset);
      const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size);
      const written = write(key, bytes);
      if (equal(bytes, written)) return key;
      const original = { bytes: bytes.slice(), written: written.slice() };
      refuseChangedPart(codec, original, key, what);
      originals ??= new WeakMap();
      originals.set(key as object, original);
      return key;
    },
  };
}
