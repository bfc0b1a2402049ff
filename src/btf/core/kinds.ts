import type { CoreRelocation } from '../ext/index.ts';

/** What a relocation is about. */
export type Family = 'field' | 'type' | 'enumval';

/** What a relocation of this kind is about; `undefined` for kinds this library does not know. */
export function familyOf(kind: CoreRelocation['kind']): Family | undefined {
  if (typeof kind === 'number') return undefined;
  if (kind.startsWith('field_')) return 'field';
  return kind.startsWith('type_') ? 'type' : 'enumval';
}
