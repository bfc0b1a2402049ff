import { coreRelocationKinds } from '../../abi/index.ts';
import type { CoreRelocation } from '../ext/index.ts';

/** The subject of a relocation. */
export type Family = 'field' | 'type' | 'enumval';

/** The subject of a relocation of this kind; `undefined` for kinds this library does not know. */
export function familyOf(kind: CoreRelocation['kind']): Family | undefined {
  if (!coreRelocationKinds.has(kind)) return undefined;
  if (kind.startsWith('field_')) return 'field';
  return kind.startsWith('type_') ? 'type' : 'enumval';
}
