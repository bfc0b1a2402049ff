import { reword } from '../../errors/index.ts';

/** Puts text before or after the message of an error that is on its way up. */
export function addToMessage(
  error: Error,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string },
): void {
  reword(error, before + error.message + after);
}
