import ts from 'typescript-6';

/** The names of types that callers of functions fill in. */
const FOR_CALLERS = /(Options|Init)$|^New/;

/** The members of an option object that may be left out, but not be `undefined`. */
export function strictOptions(name: string, symbol: ts.Symbol): string[] {
  if (!FOR_CALLERS.test(name)) return [];
  const strict: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) && node.questionToken !== undefined && !takesUndefined(node.type))
      strict.push(node.name.getText());
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) visit(declaration);
  return [...new Set(strict)];
}

/**
 * Looks at the type as it is written: without `strict` and `exactOptionalPropertyTypes` the compiler does not tell the
 * difference.
 */
function takesUndefined(type: ts.TypeNode | undefined): boolean {
  if (type === undefined) return true;
  if (ts.isUnionTypeNode(type)) return type.types.some(takesUndefined);
  return type.kind === ts.SyntaxKind.UndefinedKeyword || type.kind === ts.SyntaxKind.UnknownKeyword;
}
