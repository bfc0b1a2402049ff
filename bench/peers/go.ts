/** The contender in Go. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../tools/cache.ts';
import { PACKAGE_LIST, unpackDebian } from '../../tools/debian.ts';
import { hashOf, type Peer, packageVersion, peer, run, sources } from './build.ts';

/** cilium/ebpf. Go and all modules come from the unpacked packages: the build downloads nothing. */
export const cilium: () => Promise<Peer> = peer('cilium/ebpf', async () => {
  const root = await unpackDebian({
    suite: 'sid',
    packages: ['golang-go', 'golang-github-cilium-ebpf-dev'],
    only: /^golang-(\d|github-cilium-ebpf|golang-x-sys)/,
  });
  const list = readFileSync(join(root, PACKAGE_LIST), 'utf8');
  const goRoot = join(
    root,
    'usr/lib',
    readdirSync(join(root, 'usr/lib')).find((name) => /^go-\d/.test(name)) ?? 'go',
  );
  const modules = join(root, 'usr/share/gocode/src');
  const folder = join(sources, 'go');
  const built = await cached(`bench/cilium-${hashOf(folder, list, root)}`, (into) => {
    const work = join(into, 'source');
    cpSync(folder, work, { recursive: true });
    const required = ['github.com/cilium/ebpf', 'golang.org/x/sys'];
    const lines = required.flatMap((name) => [
      `require ${name} v0.0.0`,
      `replace ${name} => ${join(modules, name)}`,
    ]);
    writeFileSync(join(work, 'go.mod'), `module bench\n\ngo 1.26\n\n${lines.join('\n')}\n`);
    for (const name of ['build-cache', 'path']) mkdirSync(join(into, name));
    const env = {
      PATH: process.env.PATH,
      GOROOT: goRoot,
      GOCACHE: join(into, 'build-cache'),
      GOPATH: join(into, 'path'),
      GOENV: 'off',
      GOFLAGS: '-mod=mod',
      GOPROXY: 'off',
      GOSUMDB: 'off',
      GOTOOLCHAIN: 'local',
      CGO_ENABLED: '0',
    };
    run(join(goRoot, 'bin/go'), ['build', '-trimpath', '-o', join(into, 'cilium'), '.'], {
      cwd: work,
      env,
    });
    for (const name of ['build-cache', 'path']) rmSync(join(into, name), { recursive: true });
  });
  const version = packageVersion(list, /cilium-ebpf/);
  const go = packageVersion(list, /^golang-\d.*-go$/);
  return { name: `cilium/ebpf ${version}, Go ${go}`, program: join(built, 'cilium') };
});
