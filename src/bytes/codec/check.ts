import { wrongType } from '../../errors/index.ts';

/** @throws TypeError for what cannot be a codec */
function checkCodec(what: string, value: unknown): void {
  const { size, encode, decode } = (value ?? {}) as { size?: unknown; encode?: unknown; decode?: unknown };
  if (typeof size === 'number' && typeof encode === 'function' && typeof decode === 'function') return;
  throw wrongType(what, 'a codec, such as u32 or struct({ \u2026 })', value);
}

/** {@link checkCodec} for each of these that is given. */
export function checkCodecs(what: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) checkCodec(`${what}: ${name}`, value);
  }
}
