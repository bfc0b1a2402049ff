import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { encode, loadMap } from '../../src/asm/index.ts';
import * as all from '../../src/errors/index.ts';

const CLASSES = Object.entries(all)
  .filter(([name, value]) => /^[A-Z].*Error$/.test(name) && typeof value === 'function')
  .map(([name]) => name);

/** What a path reaches and never throws, and why. */
const NEVER: Readonly<Record<string, string>> = {
  'link RelocationError': 'links relocate nothing',
  'link VerifierError': 'links load no programs',
  'names BpfError': 'names read no bytes',
  'names FormatError': 'names read no bytes',
  'token RelocationError': 'tokens relocate nothing',
  'features RelocationError': 'the programs of probes have no relocations',
  'perf RelocationError': 'readers relocate nothing',
  'ringbuf RelocationError': 'readers relocate nothing',
  'sys RelocationError': 'the door relocates nothing',
  'trace ClosedError': 'the pipe is closed when nobody reads it any more',
  'trace FormatError': 'lines of any form are text',
  'trace RelocationError': 'text is not relocated',
  'testing RelocationError': 'tests are started, not relocated',
};

/** What a path throws because it uses objects that it is given, and does not import. */
const GIVEN: Readonly<Record<string, readonly string[]>> = { asm: ['ClosedError'] };

interface Module {
  readonly makes: readonly string[];
  readonly imports: readonly string[];
}

const modules = new Map<string, Module>();

/** Which errors a module makes, and which modules it runs, at once or later. */
function read(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  const makes = [...text.matchAll(/new (\w+Error)\(/g)].flatMap(([, name = '']) => name);
  if (/\b(systemError|fileError|unreadable)\(/.test(text)) makes.push('BpfError');
  const imports = [
    ...text.matchAll(/^(?:import|export) (?!type )[^'"]*?from '(\..+?)'/gms),
    ...text.matchAll(/\b(?:require|import)\('(\..+?)'\)(?!\.)/g),
  ].map(([, path = '']) => join(dirname(file), path.replace(/\.js$/, '.ts')));
  const module = { makes, imports: imports.filter((path) => !path.startsWith('src/errors/')) };
  modules.set(file, module);
  return module;
}

/** The classes of errors that are made in the modules which a module reaches. */
function reached(entry: string): Set<string> {
  const files = new Set([entry]);
  const found = new Set<string>();
  for (const file of files) {
    const { makes, imports } = read(file);
    for (const name of makes) if (CLASSES.includes(name)) found.add(name);
    for (const path of imports) files.add(path);
  }
  // They all are BpfErrors.
  if (found.size > 0) found.add('BpfError');
  return found;
}

test('every sub-path exports the errors that it throws', async () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object };
  // The leak check is imported for its effect.
  const paths = Object.keys(exports).filter((path) => !/^\.$|json$|leak-check$/.test(path));
  const missing: string[] = [];
  const allowed = new Set(Object.keys(NEVER));
  for (const path of paths.map((path) => path.slice(2))) {
    const module = (await import(`../../src/${path}/index.js`)) as object;
    for (const name of [...reached(`src/${path}/index.ts`), ...(GIVEN[path] ?? [])]) {
      if (!allowed.delete(`${path} ${name}`) && !(name in module)) missing.push(`${path} ${name}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.deepEqual([...allowed], [], 'what is never thrown is reached');
});

test('every class that can be closed says whether it is', async () => {
  const found: string[] = [];
  // The door, sys, is not made for users.
  for (const path of ['.', 'token', 'link', 'perf', 'ringbuf', 'btf', 'elf', 'features', 'asm', 'testing']) {
    const module = (await import(`../../src/${path}/index.js`)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      const prototype: unknown = typeof value === 'function' ? value.prototype : undefined;
      if (typeof prototype !== 'object' || prototype === null || !('close' in prototype)) continue;
      assert.ok('closed' in prototype, name);
      found.push(name);
    }
  }
  for (const name of [
    'Collection',
    'Program',
    'HashMap',
    'Btf',
    'Link',
    'Token',
    'RingBuffer',
    'UserRingBuffer',
  ]) {
    assert.ok(found.includes(name), name);
  }
});

test('an instruction with a closed map is an error that its path exports', () => {
  const closed = {
    get value(): number {
      throw new all.ClosedError('map "gone" (hash)');
    },
  };
  const program = [loadMap(asm.r1, { fd: closed } as never)];
  assert.throws(() => encode(program), asm.ClosedError);
});
