type Getter = (this: ArrayBufferView) => unknown;

/** What the language itself knows of a view, whatever its class or the object says. */
function getter(prototype: object, name: string | symbol): Getter {
  const found = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (found === undefined) throw new TypeError(`there is no getter for ${String(name)}`);
  return found as Getter;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typeName = getter(typedArray, Symbol.toStringTag);
const FIELDS = ['buffer', 'byteOffset', 'byteLength'] as const;
const ofTypedArray = FIELDS.map((name) => getter(typedArray, name));
const ofDataView = FIELDS.map((name) => getter(DataView.prototype, name));

/**
 * The memory of a typed array or DataView as plain bytes, for giving it to the kernel. Subclasses and own properties
 * may claim another size, and another one each time they are asked: nothing of them is called.
 *
 * @throws TypeError when it is not a view, or its buffer has been transferred
 */
export function bytesOf(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(view)) throw new TypeError('expected a typed array or a DataView');
  const getters = typeName.call(view) === undefined ? ofDataView : ofTypedArray;
  const [buffer, offset, length] = getters.map((get) => get.call(view)) as [ArrayBuffer, number, number];
  return new Uint8Array(buffer, offset, length);
}
