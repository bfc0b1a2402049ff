import type { Input } from './target.ts';

/** Something that must not happen. */
export interface Finding {
  readonly kind: 'error' | 'hang' | 'memory';
  /** The same for inputs that find the same. */
  readonly signature: string;
  readonly text: string;
  readonly input: Input;
}

/** Which mistake an error is, whatever the numbers in its message. */
export function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const frame = /\/dist\/src\/\S+?:\d+/.exec(error.stack ?? '')?.[0] ?? '';
  return `${error.name}: ${error.message.replace(/\d+/g, 'N').replace(/".*"/s, '"…"').slice(0, 80)} ${frame}`;
}
