/**
 * Debian packages that contain BPF objects, as files or inside their programs.
 *
 *     node dist/test/outside/packages.js      fetches them into the cache folder
 */
import { pathToFileURL } from 'node:url';
import { type DebianSet, unpackDebian, unpackedDebian } from '../../tools/debian.ts';

const PACKAGES = [
  'bpftop',
  'bpftune',
  'ir-keytable',
  'libbpf-tools',
  'libbpfilter0',
  'libbpftune0',
  'libsystemd-shared',
  'libxdp1',
  'linux-perf',
  'mimic',
  'opensnitch-ebpf-modules',
  'pwru',
  'rtla',
  'suricata',
  'systemd',
  'systemd-container',
  'udev-hid-bpf',
  'xdp-tools',
];

/** The packages that they depend on are left out, because nothing is run. */
const SET: DebianSet = {
  suite: 'sid',
  packages: PACKAGES,
  only: new RegExp(`^(${PACKAGES.join('|')})$`),
  into: 'debian/sid/bpf-objects',
};

/** The folder with the unpacked packages, or the reason why there is none. */
export function outsideFolder(): { readonly folder?: string; readonly missing?: string } {
  const folder = unpackedDebian(SET);
  if (folder !== undefined) return { folder };
  return { missing: 'no packages in the cache: node dist/test/outside/packages.js fetches them' };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await unpackDebian(SET));
