import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { docsBlocks } from './docs.ts';
import { sourceExamples } from './examples.ts';

/**
 * Makes a folder that looks like a user's project: the package as npm packs it, Node's types, the cases of test/types,
 * and the code of the documentation. Only the code of `commonjs/` is CommonJS.
 *
 * @returns the folder; the caller must remove it
 */
export async function makeProject(): Promise<string> {
  const project = mkdtempSync(join(tmpdir(), 'ebpf-ts-types-'));
  const modules = join(project, 'node_modules');
  unpackPackage(join(modules, 'ebpf-ts'));
  mkdirSync(join(modules, '@types'));
  symlinkSync(resolve('node_modules/@types/node'), join(modules, '@types/node'));

  write(join(project, 'package.json'), '{ "type": "module" }');
  for (const folder of ['cases', 'commonjs']) {
    copyCases(join('test/types', folder === 'cases' ? '' : folder), join(project, folder));
    write(join(project, folder, 'paths.ts'), importsOfAllPaths());
  }
  write(join(project, 'commonjs/package.json'), '{ "type": "commonjs" }');
  for (const { name, text } of docsBlocks('.')) write(join(project, 'docs', `${name}.ts`), text);
  for (const { name, text } of await sourceExamples('src')) write(join(project, 'src', `${name}.ts`), text);
  return project;
}

/** Packs the package and unpacks it in a folder, as npm does. Needs no network. */
function unpackPackage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as { filename: string }[];
  const archive = join(folder, basename(packed?.filename ?? ''));
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', folder]);
}

/** A module that imports every path that the package exports. */
function importsOfAllPaths(): string {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object };
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path, index) => `import * as path${index} from 'ebpf-ts${path.slice(1)}';\nvoid path${index};\n`)
    .join('');
}

function copyCases(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (/\.c?ts$/.test(name) && !name.endsWith('.test.ts')) cpSync(join(from, name), join(to, name));
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
