import ts from 'typescript-6';
import type { Surface } from './surface.ts';

/** Interfaces and types with these names hold what callers give. */
const GIVEN = /(?:Options|Init)$/;

/**
 * The optional properties of public options that refuse `undefined`: one line each. Users compile with
 * `exactOptionalPropertyTypes`, and pass on options that they were not given.
 */
export function strictOptions({ checker, entries, isOwn }: Surface): string[] {
  const problems = new Set<string>();
  for (const { symbols } of entries) {
    for (const symbol of symbols) {
      if (!GIVEN.test(symbol.name)) continue;
      for (const property of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
        const declaration = property.declarations?.[0];
        if (declaration === undefined || !ts.isPropertySignature(declaration) || !isOwn(declaration))
          continue;
        if ((property.flags & ts.SymbolFlags.Optional) === 0 || declaration.type === undefined) continue;
        if (takesUndefined(checker.getTypeFromTypeNode(declaration.type))) continue;
        problems.add(`${symbol.name}.${property.name} does not take undefined`);
      }
    }
  }
  return [...problems].sort();
}

function takesUndefined(type: ts.Type): boolean {
  const parts = type.isUnion() ? type.types : [type];
  const wide = ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
  return parts.some(({ flags }) => (flags & wide) !== 0);
}
