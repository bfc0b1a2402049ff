import ts from 'typescript-6';
import type { Surface } from './surface.ts';

/** The names of types that a declaration mentions. */
function* mentioned(node: ts.Node): Generator<ts.Node> {
  if (isHidden(node)) return;
  if (ts.isTypeReferenceNode(node)) yield node.typeName;
  else if (ts.isExpressionWithTypeArguments(node)) yield node.expression;
  else if (ts.isImportTypeNode(node) && node.qualifier !== undefined) yield node.qualifier;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* mentioned(child);
}

/** A private member: its type is in no declaration, but what stands before it can be. */
function isHidden(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  );
}

/**
 * The types that public declarations mention and that cannot be imported from any entry: one line each.
 */
export function unnamedTypes({ checker, entries, isOwn, resolve }: Surface): string[] {
  const problems = new Set<string>();
  const importable = new Set(entries.flatMap(({ symbols }) => [...symbols]));
  for (const { name: entry, symbols } of entries) {
    const waiting = [...symbols];
    const seen = new Set(waiting);
    for (const symbol of waiting) {
      for (const declaration of symbol.declarations ?? []) {
        if (!isOwn(declaration) || ts.isSourceFile(declaration)) continue;
        for (const node of mentioned(declaration)) {
          const found = checker.getSymbolAtLocation(node);
          const target = found === undefined ? undefined : resolve(found);
          const first = target?.declarations?.[0];
          // A type parameter, or something declared inside the declaration itself, needs no import.
          if (target === undefined || first === undefined || !isOwn(first) || !isTopLevel(first)) continue;
          if (importable.has(target)) continue;
          problems.add(`${entry}: ${symbol.name} mentions ${target.name}, which cannot be imported`);
          if (seen.has(target)) continue;
          seen.add(target);
          waiting.push(target);
        }
      }
    }
  }
  return [...problems].sort();
}

function isTopLevel(declaration: ts.Node): boolean {
  const outer = ts.isVariableDeclaration(declaration) ? declaration.parent.parent.parent : declaration.parent;
  return ts.isSourceFile(outer);
}
