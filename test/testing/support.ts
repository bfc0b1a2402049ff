import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The reason why tests that delegate cannot run here, or false. */
export const skip: string | false =
  process.geteuid?.() !== 0 ? 'needs root' : !tokensExist() && 'the kernel has no BPF tokens';

function tokensExist(): boolean {
  // Looks in the kernel's own types for the name of a field that came with tokens.
  return (
    existsSync('/sys/kernel/btf/vmlinux') && readFileSync('/sys/kernel/btf/vmlinux').includes('prog_token_fd')
  );
}

/** The processes whose command line or environment has `mark` in it. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      if (pid === process.pid) return false;
      try {
        // A zombie reads as empty. It is dead, and its parent must reap it.
        const files = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
        return files.some((text) => text.includes(mark));
      } catch {
        return false;
      }
    });
}

/** The pid of a process's parent. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // It is the second field after the name. The name may hold anything, even brackets.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
