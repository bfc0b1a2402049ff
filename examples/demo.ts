/**
 * `npm run demo`: uses BPF inside a user namespace, with only a delegated token. Then it does the same without the
 * capabilities that a token needs. Needs root, to delegate, and Linux >= 6.9.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inInitialUserNamespace, readCapabilities } from 'ebpf-ts/sys';
import { spawnWithToken } from 'ebpf-ts/testing';
import { Delegation, kernelHasTokens } from 'ebpf-ts/token';

const cli = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const CAP_SYS_ADMIN = 1n << 21n;

const delegation = Delegation.from({
  cmds: 'map_create,prog_load,btf_load',
  maps: 'hash,array,ringbuf',
  progs: 'socket_filter,xdp',
  attachs: 'cgroup_inet_ingress,xdp',
});

/** Why the demo cannot run here; undefined if it can. */
function obstacle(): string | undefined {
  if (!inInitialUserNamespace() || (readCapabilities().effective & CAP_SYS_ADMIN) === 0n) {
    return 'Cannot delegate BPF: this needs root (CAP_SYS_ADMIN in the initial user namespace): run "sudo npm run demo"';
  }
  if (kernelHasTokens() !== true)
    return 'Cannot delegate BPF: this kernel has no BPF tokens: they need Linux 6.9';
  return undefined;
}

async function show(title: string, args: readonly string[]): Promise<void> {
  console.log(`\n=== ${title}\n`);
  const child = spawnWithToken(process.execPath, [cli, 'token', 'status', ...args], {
    delegation,
    capabilities: ['net_admin'],
    stdio: 'inherit',
  });
  await once(child, 'close');
}

const problem = obstacle();
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
console.log(
  `A user namespace whose bpffs delegates\n  ${String(delegation).replaceAll(',delegate', '\n  delegate')}`,
);
await show('With CAP_BPF and CAP_NET_ADMIN in that namespace, and the token', []);
await show('The same after giving up CAP_BPF, CAP_SYS_ADMIN and CAP_PERFMON: no token without CAP_BPF', [
  '--drop-caps',
]);
