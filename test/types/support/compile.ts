import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of each TypeScript in node_modules. `.bin/tsc` can be any of them. */
const FOLDERS = { '5.7': 'typescript-5.7', '6': 'typescript-6', '7': 'typescript' } as const;
export type Version = keyof typeof FOLDERS;
export const versions = Object.keys(FOLDERS) as readonly Version[];

/** How a project is compiled. */
export interface Setting {
  /** Whether `options` are added to what `tsc --init` writes. */
  readonly init?: boolean;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Files and folders of the project. */
  readonly include: readonly string[];
}

function run(version: Version, folder: string, args: readonly string[]): Promise<string> {
  const compiler = resolve('node_modules', FOLDERS[version], 'lib/tsc.js');
  return new Promise((done) => {
    execFile(process.execPath, [compiler, ...args], { cwd: folder }, (error, stdout, stderr) =>
      done(error === null ? '' : `${stdout}${stderr}` || error.message),
    );
  });
}

/** Compiles without writing anything. Returns the messages of the compiler; empty if there are none. */
export async function compile(
  project: string,
  version: Version,
  name: string,
  setting: Setting,
): Promise<string> {
  const init = join(project, `init-${version}`);
  if (setting.init === true && !existsSync(init)) {
    mkdirSync(init);
    const problems = await run(version, init, ['--init']);
    if (problems !== '') return problems;
  }
  const file = `tsconfig.${version}-${name.replaceAll(/\W+/g, '-')}.json`;
  const config = {
    ...(setting.init === true && { extends: `./init-${version}/tsconfig.json` }),
    compilerOptions: { noEmit: true, ...setting.options },
    include: setting.include,
  };
  writeFileSync(join(project, file), JSON.stringify(config));
  return run(version, project, ['--project', file, '--pretty', 'false']);
}
