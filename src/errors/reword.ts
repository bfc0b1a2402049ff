/** Gives an error that is on its way up another message, in its stack too; class and fields stay. */
export function reword(error: Error, message: string): void {
  // The stack is put together when it is first read, from the message at that time.
  const { message: before, stack } = error;
  error.message = message;
  if (stack === undefined) return;
  // Its first line is `NAME: MESSAGE`, or the name alone.
  const [, name = ''] = /^([^:\n]*)/.exec(stack) ?? [];
  const head = before === '' ? name : `${name}: ${before}`;
  if (stack.startsWith(head)) error.stack = `${name}: ${message}${stack.slice(head.length)}`;
}

/** Puts text before or after the message of an error that is on its way up. */
export function addToMessage(
  error: Error,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string },
): void {
  reword(error, before + error.message + after);
}
