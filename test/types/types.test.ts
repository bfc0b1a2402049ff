import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { compile, type Setting, type Version, versions } from './support/compile.ts';
import { makeProject } from './support/project.ts';

let project: string;
before(async () => {
  project = await makeProject();
});
after(() => rmSync(project, { recursive: true, force: true }));

const everything = ['cases', 'docs', 'src'];
const commonjs = (...names: string[]): string[] => names.map((name) => `commonjs/${name}.ts`);
const node = { strict: true, target: 'es2023', lib: ['es2023', 'esnext.disposable'], types: ['node'] };

const strictest: Setting = {
  options: {
    ...node,
    module: 'nodenext',
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  },
  include: everything,
};
/** Checks the declarations of the package too. This also checks those of Node, which doubles the time. */
const declarations: Setting = { ...strictest, options: { ...strictest.options, skipLibCheck: false } };
const bundler: Setting = {
  options: { ...node, module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true },
  include: everything,
};
/** ES modules. */
const init: Setting = { init: true, include: everything };
const node16: Setting = {
  options: { ...node, module: 'node16', skipLibCheck: true },
  include: commonjs('dynamic', 'refused'),
};

const since58: Readonly<Record<string, Setting>> = {
  init,
  strictest,
  bundler,
  'CommonJS, init': { init: true, include: commonjs('require', 'dynamic') },
  'CommonJS, nodenext': {
    options: { ...node, module: 'nodenext', skipLibCheck: true },
    include: commonjs('imports', 'paths', 'require', 'dynamic'),
  },
};

const settings: Readonly<Record<Version, Readonly<Record<string, Setting>>>> = {
  '5.7': {
    // Its defaults are CommonJS and the module resolution of Node 10, which does not know "exports".
    init: { init: true, include: commonjs('imports', 'paths') },
    strictest: declarations,
    bundler,
    'CommonJS, nodenext': { ...node16, options: { ...node16.options, module: 'nodenext' } },
  },
  '6': since58,
  // By far the fastest, so it checks more.
  '7': { ...since58, strictest: declarations, 'CommonJS, node16': node16 },
};

for (const version of versions) {
  test(`TypeScript ${version}`, { concurrency: 2 }, async (t) => {
    const runs = Object.entries(settings[version]).map(([name, setting]) =>
      t.test(name, async () => {
        assert.equal(await compile(project, version, name, setting), '');
      }),
    );
    await Promise.all(runs);
  });
}
