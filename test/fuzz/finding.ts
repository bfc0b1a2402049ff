import type { Input } from './target.ts';

/** Something that must not happen, and the input that causes it. */
export interface Finding {
  readonly kind: 'error' | 'hang' | 'memory';
  /** Equal for inputs that have the same cause. */
  readonly signature: string;
  readonly text: string;
  readonly input: Input;
}

/** Says which bug an error comes from, whatever numbers its message has. */
export function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const frame = /\/dist\/src\/\S+?:\d+/.exec(error.stack ?? '')?.[0] ?? '';
  return `${error.name}: ${error.message.replace(/\d+/g, 'N').replace(/".*"/s, '"…"').slice(0, 80)} ${frame}`;
}
