type Getter = (this: ArrayBufferView) => unknown;

/** The language's own facts about a view, whatever its class or the object says. */
function getter(prototype: object, name: string | symbol): Getter {
  const found = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (found === undefined) throw new TypeError(`there is no getter for ${String(name)}`);
  return found as Getter;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typeName = getter(typedArray, Symbol.toStringTag);
const fieldsOf = (prototype: object) => ({
  buffer: getter(prototype, 'buffer') as (this: ArrayBufferView) => ArrayBuffer,
  offset: getter(prototype, 'byteOffset') as (this: ArrayBufferView) => number,
  length: getter(prototype, 'byteLength') as (this: ArrayBufferView) => number,
});
const ofTypedArray = fieldsOf(typedArray);
const ofDataView = fieldsOf(DataView.prototype);

/**
 * The memory of a typed array or DataView as plain bytes, to give it to the kernel. Subclasses and own properties may
 * claim another size, and a different one each time. So nothing of them is called.
 *
 * @throws TypeError when it is not a view, or its buffer has been transferred
 */
export function bytesOf(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(view)) throw new TypeError('expected a typed array or a DataView');
  const { buffer, offset, length } = typeName.call(view) === undefined ? ofDataView : ofTypedArray;
  return new Uint8Array(buffer.call(view), offset.call(view), length.call(view));
}
