import { BpfError } from '../../../errors/index.ts';

/** `struct pt_regs` in its order (Linux arch/x86/include/uapi/asm/ptrace.h). */
const X86 = 'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss'.split(
  ' ',
);
/** `struct user_pt_regs`, with which `struct pt_regs` begins (Linux arch/arm64/include/uapi/asm/ptrace.h). */
const ARM64 = [...Array.from({ length: 31 }, (_, i) => `x${i}`), 'sp', 'pc'];
const WORD = 8;

/** The register that says where the program is. */
export const PROGRAM_COUNTER: string = process.arch === 'arm64' ? 'pc' : 'rip';

/** Where a register is in `struct pt_regs`, which is what a program at a probe is given. */
export function registerOffset(register: string): number {
  if (process.arch === 'arm64') return ARM64.indexOf(register) * WORD;
  // The second byte of a register has a name of its own: "ah".
  const [, letter] = /^([abcd])h$/.exec(register) ?? [];
  return letter === undefined ? X86.indexOf(register) * WORD : registerOffset(`r${letter}x`) + 1;
}

const MACHINES: { readonly [arch: string]: readonly number[] } = { x64: [62, 3], arm64: [183] };

/** @throws BpfError if programs of this file do not run here, or have registers that are not known */
export function checkMachine(machine: number, littleEndian: boolean, path: string): void {
  if (MACHINES[process.arch]?.includes(machine) === true && littleEndian) return;
  throw new BpfError(
    `Cannot read the USDT probes of ${path}: it was built for another processor than that of this machine ` +
      `(e_machine ${machine}), or for one that this library does not know`,
    { code: 'ERR_BPF_USDT_ARGUMENT' },
  );
}
