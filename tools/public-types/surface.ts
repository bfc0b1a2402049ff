import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-6';

/** What one entry of package.json's `exports` declares. */
export interface Entry {
  /** As users import it: `ebpf-ts/link`. */
  readonly name: string;
  /** What can be imported from it, by what it is an alias of. */
  readonly symbols: ReadonlySet<ts.Symbol>;
}

/** The public declarations of a package, as the compiler sees them. */
export interface Surface {
  readonly checker: ts.TypeChecker;
  readonly entries: readonly Entry[];
  /** Whether a declaration is the package's own, and not TypeScript's or Node's. */
  isOwn(declaration: ts.Node): boolean;
  /** What a name stands for, through all imports and exports. */
  resolve(symbol: ts.Symbol): ts.Symbol;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types?: string }>>;
}

/** Reads the declarations that a built package exports. @throws Error when there are none */
export function readSurface(folder: string): Surface {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const files = new Map<string, string>();
  for (const [path, entry] of Object.entries(exports)) {
    if (typeof entry !== 'string' && entry.types !== undefined) {
      files.set(name + path.slice(1), join(folder, entry.types));
    }
  }
  const program = ts.createProgram([...files.values()], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const resolve = (symbol: ts.Symbol): ts.Symbol =>
    (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  const entries = [...files].map(([entry, file]) => {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry}: ${file} declares nothing: build the package first`);
    return { name: entry, symbols: new Set(checker.getExportsOfModule(module).map(resolve)) };
  });
  return {
    checker,
    entries,
    resolve,
    isOwn: (declaration) => !declaration.getSourceFile().fileName.includes('/node_modules/'),
  };
}
