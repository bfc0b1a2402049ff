/** Puts text before or after the message of an error that is on its way up; class, fields and stack stay. */
export function addToMessage(
  error: Error,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string },
): void {
  // The stack is put together when it is first read, from the message at that time.
  const { message, stack } = error;
  error.message = before + message + after;
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}
