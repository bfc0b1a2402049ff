/** Attaching programs by what their sections say. Collections load this when the first program is attached. */
export { Attachment } from '../attachment.ts';
export { Link } from '../link.ts';
export { attach } from './attach.ts';
export { attachAll } from './attach-all.ts';
export type { CollectionAttachOptions } from './collection-options.ts';
export type { LinkSet, Links, SkippedProgram } from './links.ts';
export type { AttachOptions } from './options.ts';
