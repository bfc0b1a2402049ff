import ts from 'typescript-6';
import {
  aliasedFunction,
  type Exports,
  isOfThePackage,
  isPublic,
  isUnionOfKeys,
  resolved,
} from './declaration.ts';

/** The names of types that a public declaration mentions and nobody can import. */
export function hiddenMentions(symbol: ts.Symbol, exports: Exports): Set<string> {
  const hidden = new Set<string>();
  const own = symbol.declarations ?? [];
  const described = own.flatMap((one) => aliasedFunction(one, exports.checker)?.declarations ?? [one]);
  const visit = (node: ts.Node): void => {
    if (isUnionOfKeys(node)) return;
    if ((ts.isClassElement(node) || ts.isTypeElement(node)) && !isPublic(node)) return;
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : ts.isTypeQueryNode(node)
          ? node.exprName
          : undefined;
    if (name !== undefined && isHidden(name, exports)) hidden.add(name.getText());
    ts.forEachChild(node, visit);
  };
  for (const declaration of described) visit(declaration);
  return hidden;
}

function isHidden(name: ts.Node, { checker, symbols }: Exports): boolean {
  const symbol = resolved(checker.getSymbolAtLocation(name), checker);
  if (symbol === undefined || symbols.has(symbol)) return false;
  if ((symbol.flags & ts.SymbolFlags.TypeParameter) !== 0) return false;
  return symbol.declarations?.some(isOfThePackage) ?? false;
}
