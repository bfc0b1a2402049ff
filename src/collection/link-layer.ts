import type * as attaching from '../link/attach/index.ts';
import type * as links from '../link/index.ts';

const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);

/**
 * The modules that attach programs. They are loaded when the first program is attached, because they would make the
 * import of the package slower for everybody who only loads objects.
 */
export function linkLayer(): Pick<typeof attaching, 'attachAll'> & Pick<typeof links, 'Attachment' | 'Link'> {
  return require('../link/attach/index.js');
}
