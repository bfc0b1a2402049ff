const { accessSync, constants, statSync } = process.getBuiltinModule('node:fs');

const LIMITS: Readonly<Record<string, string>> = {
  EMFILE: 'this process has no free descriptor left; close some, or raise its limit (ulimit -n)',
  ENFILE: 'the machine has no free file left; raise fs.file-max',
  EAGAIN: 'no more processes can be started; raise the limit (ulimit -u), or that of the cgroup (pids.max)',
  ENOMEM: 'there is not enough memory for another process',
};

function codeOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** Why a program could not be started, as far as that can be checked. */
function reason(code: string, program: string, cwd: string | URL | undefined): string | undefined {
  const limit = LIMITS[code];
  if (limit !== undefined) return limit;
  const executable = codeOf(() => accessSync(program, constants.X_OK));
  if (executable === 'ENOENT') return 'it does not exist; install the package again';
  if (executable === 'EACCES') return 'it is not executable; "chmod +x" it, or install the package again';
  const folder = cwd === undefined ? undefined : codeOf(() => statSync(cwd));
  if (folder !== undefined)
    return `it should run in ${cwd}, which cannot be entered (${folder}); choose another cwd`;
  return undefined;
}

/**
 * Makes Node's error about the helper say what failed and what to do. Otherwise it would read as if it were about the
 * caller's program. Errors about anything else stay as they are.
 */
export function explainStartError(
  error: NodeJS.ErrnoException,
  program: string,
  cwd: string | URL | undefined,
): void {
  const { code, path, message, stack } = error;
  if (code === undefined || path !== program) return;
  const why = reason(code, program, cwd);
  const text = `Cannot start the namespace helper ${program}: ${code}${why === undefined ? '' : `: ${why}`}`;
  error.message = text;
  // The stack that was read above has the old message in it.
  if (stack !== undefined) error.stack = stack.replace(message, () => text);
}
