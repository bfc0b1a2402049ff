/** Puts a counter at the start of every branch of a module, so that the fuzzer sees which way an input took. */
import { parseAst } from '@rollup/wasm-node/parseAst';

/** The name of the global variable with the counters. */
export const COUNTERS = '__branches';

/** How many counters there are. If the branches need more, some share a counter. */
export const COUNTER_COUNT: number = 1 << 15;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function child(node: Node, key: string): Node | undefined {
  const value = node[key];
  return isNode(value) ? value : undefined;
}

/** Statements and expressions that only some runs reach. */
const BRANCHES: { readonly [type: string]: readonly string[] } = {
  IfStatement: ['consequent', 'alternate'],
  ForStatement: ['body'],
  ForOfStatement: ['body'],
  ForInStatement: ['body'],
  WhileStatement: ['body'],
  DoWhileStatement: ['body'],
  CatchClause: ['body'],
  FunctionDeclaration: ['body'],
  FunctionExpression: ['body'],
  ArrowFunctionExpression: ['body'],
  ConditionalExpression: ['consequent', 'alternate'],
  LogicalExpression: ['right'],
};

/**
 * Returns the module with counters. Lines keep their numbers, so stacks and source maps stay valid.
 *
 * @param next - returns the number of the next counter
 */
export function instrument(source: string, next: () => number): string {
  const edits: { readonly at: number; readonly text: string }[] = [];
  const count = (): string => `${COUNTERS}[${next()}]++`;
  const wrap = (node: Node): void => {
    if (node.type === 'BlockStatement') {
      edits.push({ at: node.start + 1, text: `${count()};` });
      walk(node);
      return;
    }
    const statement = node.type.endsWith('Statement') || node.type.endsWith('Declaration');
    edits.push({ at: node.start, text: statement ? `{${count()};` : `(${count()},` });
    walk(node);
    edits.push({ at: node.end, text: statement ? '}' : ')' });
  };
  const walk = (node: Node): void => {
    const branches = BRANCHES[node.type] ?? [];
    const parts: { readonly node: Node; readonly branch: boolean }[] = [];
    for (const [key, value] of Object.entries(node)) {
      const branch = branches.includes(key);
      for (const each of Array.isArray(value) ? value : [value]) {
        if (isNode(each)) parts.push({ node: each, branch });
      }
    }
    // Sorts by position in the text, so that edits at one place keep their order.
    parts.sort((a, b) => a.node.start - b.node.start);
    if (node.type === 'SwitchCase') {
      const [first] = parts.filter((part) => part.node !== child(node, 'test'));
      for (const part of parts) {
        if (part === first) edits.push({ at: part.node.start, text: `${count()};` });
        walk(part.node);
      }
      return;
    }
    for (const part of parts) (part.branch ? wrap : walk)(part.node);
  };
  const program: unknown = parseAst(source);
  if (isNode(program)) walk(program);
  let result = '';
  let at = 0;
  for (const edit of edits) {
    result += source.slice(at, edit.at) + edit.text;
    at = edit.at;
  }
  return result + source.slice(at);
}
