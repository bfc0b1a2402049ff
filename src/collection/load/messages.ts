import { rewriteMessage } from '../../errors/index.ts';

/** Puts text before or after the message of an error that is on its way up; class, fields and stack stay. */
export function addToMessage(
  error: Error,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string },
): void {
  rewriteMessage(error, before + error.message + after);
}
