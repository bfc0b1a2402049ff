/**
 * Gives an error that is on its way up another message; class, fields and stack stay. Engines put the message at the
 * head of the stack when the error is made or when the stack is first read; either way it says the same afterwards.
 */
export function rewriteMessage(error: Error, message: string): void {
  const before = error.message;
  const { stack } = error;
  error.message = message;
  if (stack === undefined || before === '') return;
  const head = stack.indexOf(before);
  if (head === -1) return;
  Object.defineProperty(error, 'stack', {
    value: stack.slice(0, head) + message + stack.slice(head + before.length),
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
