import ts from 'typescript-6';

/** What a description of the API needs to know about all exports. */
export interface Exports {
  readonly checker: ts.TypeChecker;
  /** Everything that can be imported from somewhere. */
  readonly symbols: ReadonlySet<ts.Symbol>;
}

type Range = readonly [start: number, end: number, text: string];
type ClassOrInterface = ts.ClassDeclaration | ts.InterfaceDeclaration;

/** Whether a declaration is a value as well as a type, as classes are, and constants of another declaration's name. */
function isValue(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Value) !== 0;
}

/**
 * Whether an export hands on only the type of something that is a value where it is declared: `export type { Fd }`.
 *
 * @param exported - the export itself, not what it stands for
 */
export function isTypeOnly(exported: ts.Symbol, checker: ts.TypeChecker): boolean {
  let symbol: ts.Symbol | undefined = exported;
  let typeOnly = false;
  while (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) {
    typeOnly ||= symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) ?? false;
    symbol = checker.getImmediateAliasedSymbol(symbol);
  }
  return typeOnly && symbol !== undefined && isValue(symbol);
}

/** Describes a declaration under the name that it is exported as, with its doc comment and only its public members. */
export function describe(name: string, symbol: ts.Symbol, exports: Exports): string {
  return (symbol.declarations ?? [])
    .map((declaration) => {
      if (ts.isSourceFile(declaration)) return namespaceText(name, symbol, exports);
      const target = aliasedFunction(declaration, exports.checker);
      return target === undefined ? text(name, declaration, exports) : describe(name, target, exports);
    })
    .join('\n');
}

/** A module that is exported under a name. */
function namespaceText(name: string, symbol: ts.Symbol, exports: Exports): string {
  const members = exports.checker
    .getExportsOfModule(symbol)
    .map((member) => describe(member.name, resolved(member, exports.checker) ?? member, exports));
  return `namespace ${name} {\n${members.join('\n').replaceAll(/^(?=.)/gm, '    ')}\n}`;
}

/** For `const f: typeof other`: the function that it stands for. */
export function aliasedFunction(declaration: ts.Declaration, checker: ts.TypeChecker): ts.Symbol | undefined {
  if (!ts.isVariableDeclaration(declaration) || declaration.type === undefined) return undefined;
  if (!ts.isTypeQueryNode(declaration.type)) return undefined;
  const symbol = resolved(checker.getSymbolAtLocation(declaration.type.exprName), checker);
  return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Function) !== 0 ? symbol : undefined;
}

/** The symbol that an import or a re-export stands for. */
export function resolved(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): ts.Symbol | undefined {
  return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
    ? checker.getAliasedSymbol(symbol)
    : symbol;
}

function text(name: string, declaration: ts.Declaration, exports: Exports): string {
  const file = declaration.getSourceFile();
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const ranges: Range[] = [];
  const ownName = ts.getNameOfDeclaration(declaration);
  if (ownName !== undefined) ranges.push([ownName.getStart(file), ownName.end, name]);
  for (const modifier of ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []) {
    if (modifier.kind === ts.SyntaxKind.ExportKeyword || modifier.kind === ts.SyntaxKind.DeclareKeyword)
      ranges.push([modifier.getStart(file), modifier.end + 1, '']);
  }
  if (ts.isTypeAliasDeclaration(node) && isUnionOfKeys(node))
    ranges.push([node.type.getFullStart(), node.type.end, literalsOf(node, exports.checker)]);
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
    ranges.push(...membersOf(node, exports));
  // An earlier comment belongs to the file.
  const start = ts.getJSDocCommentsAndTags(node).findLast(ts.isJSDoc)?.pos ?? node.getStart(file);
  return replaced(file.text.slice(start, node.end), start, ranges);
}

/** Whether a type is `keyof typeof table`, as the generated unions are. */
export function isUnionOfKeys(node: ts.Node): boolean {
  return (
    ts.isTypeAliasDeclaration(node) &&
    ts.isTypeOperatorNode(node.type) &&
    node.type.operator === ts.SyntaxKind.KeyOfKeyword &&
    ts.isTypeQueryNode(node.type.type)
  );
}

/** The names in the order of the table. The order of a union's types depends on what the compiler met first. */
function literalsOf(node: ts.TypeAliasDeclaration, checker: ts.TypeChecker): string {
  if (!ts.isTypeOperatorNode(node.type)) return '';
  const names = checker
    .getTypeAtLocation(node.type.type)
    .getProperties()
    .map(({ name }) => name);
  return names.map((name) => `\n    | '${name}'`).join('');
}

/** Leaves out members that nobody can use, and adds those of bases that nobody can import. */
function membersOf(node: ClassOrInterface, exports: Exports): Range[] {
  const ranges: Range[] = [];
  for (const member of node.members) {
    if (isPublic(member)) continue;
    // A constructor that is not public says that nobody calls `new`.
    const text = ts.isConstructorDeclaration(member) ? '\n    private constructor();' : '';
    ranges.push([member.getFullStart(), member.end, text]);
  }
  const present = new Set(node.members.map((member) => member.name?.getText()));
  for (const clause of node.heritageClauses ?? []) {
    const base = hiddenBase(clause, exports);
    if (base === undefined) continue;
    ranges.push([clause.getFullStart(), clause.end, '']);
    const inherited = publicMembers(base, exports, present);
    ranges.push([node.end - 1, node.end - 1, inherited.map((member) => `    ${member}\n`).join('')]);
  }
  return ranges;
}

function hiddenBase(clause: ts.HeritageClause, exports: Exports): ClassOrInterface | undefined {
  const [type] = clause.types;
  if (clause.token !== ts.SyntaxKind.ExtendsKeyword || type === undefined) return undefined;
  const symbol = resolved(exports.checker.getSymbolAtLocation(type.expression), exports.checker);
  if (symbol === undefined || exports.symbols.has(symbol)) return undefined;
  return symbol.declarations?.find(
    (declaration): declaration is ClassOrInterface =>
      isOfThePackage(declaration) &&
      (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration)),
  );
}

/** The members of a class and of its hidden bases, without those that `present` already has. */
function publicMembers(node: ClassOrInterface, exports: Exports, present: Set<string | undefined>): string[] {
  const file = node.getSourceFile();
  const own = node.members
    .filter((member) => !ts.isConstructorDeclaration(member) && isPublic(member))
    .filter((member) => !present.has(member.name?.getText()));
  for (const member of own) present.add(member.name?.getText());
  const bases = (node.heritageClauses ?? []).flatMap((clause) => hiddenBase(clause, exports) ?? []);
  return [
    ...own.map((member) => file.text.slice(member.getStart(file, true), member.end)),
    ...bases.flatMap((base) => publicMembers(base, exports, present)),
  ];
}

export function isPublic(member: ts.ClassElement | ts.TypeElement): boolean {
  if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal')) return false;
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  const flags = ts.getCombinedModifierFlags(member);
  return (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;
}

export function isOfThePackage(declaration: ts.Declaration): boolean {
  return !declaration.getSourceFile().fileName.includes('/node_modules/');
}

function replaced(source: string, start: number, ranges: readonly Range[]): string {
  let result = source;
  for (const [from, to, put] of [...ranges].sort((a, b) => b[0] - a[0])) {
    result = result.slice(0, from - start) + put + result.slice(to - start);
  }
  return result;
}
