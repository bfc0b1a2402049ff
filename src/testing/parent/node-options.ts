const { fileURLToPath } = process.getBuiltinModule('node:url');

/** What the child loads first. */
export const PRELOAD: string = fileURLToPath(new URL('../child/preload.js', import.meta.url));
const REPORTER = new URL('../child/reporter.js', import.meta.url).href;

/** Options of the test runner, the inspector and watching belong to this process, not to its children. */
const OWN = /^--(no-)?(test|inspect|watch|experimental-test-(coverage|isolation))(-|=|$)/;
/** Options that would run something else than the test file. */
const EVAL = /^(-e|-p|-pe|--eval|--print|--interactive|-i)$/;

/** Leaves out {@link OWN} options, including values in a separate word. */
function withoutOwn(words: readonly string[]): string[] {
  const kept: string[] = [];
  let dropping = false;
  for (const word of words) {
    if (word.startsWith('-')) dropping = OWN.test(word) || EVAL.test(word);
    if (!dropping) kept.push(word);
  }
  return kept;
}

/** The environment of the child, without the variables that concern only this process. */
export function childEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...extra };
  delete environment.NODE_TEST_CONTEXT;
  if (environment.NODE_OPTIONS !== undefined) {
    environment.NODE_OPTIONS = withoutOwn(environment.NODE_OPTIONS.split(/\s+/)).join(' ');
  }
  return environment;
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/**
 * A pattern for the top-level test or suite around a subtest, so that the hooks of other suites do not run. A name may
 * contain the separator, so every prefix that ends at one counts. Node 20 ignores the pattern for the hooks of suites,
 * so there it does not help.
 */
function topLevelPattern(fullName: string): string[] {
  if (Number.parseInt(process.versions.node, 10) < 22) return [];
  const parts = fullName.split(' > ');
  const prefixes = parts.map((_, index) => escapeRegExp(parts.slice(0, index + 1).join(' > ')));
  return [`--test-name-pattern=^(?:${prefixes.join('|')})$`];
}

/** Node options of the child that belong to this library. They come first, so that the library's hook does too. */
export function ownOptions(fullName: string): string[] {
  return [
    `--require=${PRELOAD}`,
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
    // An open handle of a test must not keep its process running, because the parent waits for it.
    '--test-force-exit',
    ...topLevelPattern(fullName),
  ];
}

/** Node options of this process that its child needs too: loaders, conditions, warnings and the like. */
export function inheritedOptions(): string[] {
  return withoutOwn(process.execArgv);
}
