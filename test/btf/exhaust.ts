import { type BtfParseOptions, BtfTypes, findMember } from '../../src/btf/index.ts';
import { FormatError } from '../../src/errors/index.ts';
import { tolerate } from '../fuzz/target.ts';

/** Does everything that can be done with a blob. The only error it tolerates is FormatError. */
export function exhaust(bytes: Uint8Array, options: BtfParseOptions = {}): BtfTypes | undefined {
  return tolerate(() => {
    const types = BtfTypes.parse(bytes, options);
    tolerate(() => [...types.idsByName('anything')], FormatError);
    for (let id = 0; id <= types.count; id++) {
      types.kindOf(id);
      tolerate(() => types.byName(types.nameOf(id)), FormatError);
      tolerate(() => types.byId(id), FormatError);
      tolerate(() => types.resolve(id), FormatError);
      tolerate(() => types.sizeOf(id), FormatError);
      tolerate(() => findMember(types, id, 'anything'), FormatError);
    }
    return types;
  }, FormatError);
}
