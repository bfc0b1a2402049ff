/** Changes the message of an error that is being passed on, in its stack too. Its class and fields stay. */
export function reword(error: Error, message: string): void {
  // An engine may build the stack when it is first read, from the message at that time. So read it first.
  const { message: before, stack } = error;
  error.message = message;
  if (stack === undefined) return;
  // Its first line is `NAME: MESSAGE`, or the name alone.
  const [, name = ''] = /^([^:\n]*)/.exec(stack) ?? [];
  const head = before === '' ? name : `${name}: ${before}`;
  if (stack.startsWith(head)) error.stack = `${name}: ${message}${stack.slice(head.length)}`;
}

/** Puts text before or after the message of an error that is being passed on. */
export function addToMessage(
  error: Error,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string },
): void {
  reword(error, before + error.message + after);
}
