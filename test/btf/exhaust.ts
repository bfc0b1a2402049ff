import { type BtfParseOptions, BtfTypes, findMember } from '../../src/btf/index.ts';
import { FormatError } from '../../src/errors/index.ts';

/** Runs `read`; a FormatError is an answer, anything else thrown is a bug. */
function tolerate(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

/** Does everything with a blob that can be done, and lets no error pass but FormatError. */
export function exhaust(bytes: Uint8Array, options: BtfParseOptions = {}): void {
  tolerate(() => {
    const types = BtfTypes.parse(bytes, options);
    tolerate(() => [...types.idsByName('anything')]);
    for (let id = 0; id <= types.count; id++) {
      types.kindOf(id);
      tolerate(() => types.byName(types.nameOf(id)));
      tolerate(() => types.byId(id));
      tolerate(() => types.resolve(id));
      tolerate(() => types.sizeOf(id));
      tolerate(() => findMember(types, id, 'anything'));
    }
  });
}
