/** One boot of one kernel in the emulator. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { runWith } from '../../tools/debian.ts';
import { type GuestEvent, parseEvent } from './events.ts';

export interface Boot {
  /** The root folder of the unpacked emulator. */
  readonly emulator: string;
  readonly kernel: string;
  readonly image: string;
  /** The file for the kernel's messages and for whatever tests print there. */
  readonly console: string;
  /**
   * The time in which the machine must report that it is ready, and then the time in which it must be done, in
   * milliseconds.
   */
  readonly readyWithin: number;
  readonly doneWithin: number;
  /**
   * The longest time without an event, in milliseconds. No test file may take that long, so the emulator must be the
   * cause.
   */
  readonly eventWithin: number;
  /** Takes the next test file to run. Returns undefined if there is none. */
  readonly nextFile: () => string | undefined;
}

/**
 * `boot`: it never came up. `emulator`: the emulator crashed or hung. `late`: the tests did not finish in time. `died`:
 * the machine ended before the tests did.
 */
export type Ending = 'done' | 'boot' | 'emulator' | 'late' | 'died';

function commandLine({ emulator, kernel, image, console }: Boot): [string, ...string[]] {
  return runWith(emulator, 'qemu-system-x86_64', [
    ...['-L', `${emulator}/usr/share/qemu`, '-L', `${emulator}/usr/share/seabios`],
    // Uses software emulation, because it is the same everywhere. It takes a fifth less time without 5-level paging,
    // protection keys and the fast string instructions, which the emulator does byte by byte.
    ...['-accel', 'tcg', '-cpu', 'max,la57=off,pku=off,erms=off,fsrm=off', '-m', '3072', '-smp', '1'],
    ...['-display', 'none', '-vga', 'none', '-nic', 'none', '-monitor', 'none', '-no-reboot'],
    ...['-serial', `file:${console}`, '-serial', 'stdio'],
    ...['-kernel', kernel, '-initrd', image],
    // This list of security modules lets BPF programs of type lsm run.
    ...['-append', 'console=ttyS0 quiet panic=-1 lsm=landlock,lockdown,yama,integrity,apparmor,bpf'],
  ]);
}

/** Boots the machine, and passes on every event. Ends when the machine ends or its time is over. */
export function runMachine(boot: Boot, onEvent: (event: GuestEvent) => void): Promise<Ending> {
  const [program, ...args] = commandLine(boot);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  // An emulator that has ended takes no more input. Its exit says why it ended.
  child.stdin.on('error', () => {});
  return new Promise((resolve, reject) => {
    let state: Ending = 'boot';
    const killAs = (ending: Ending) => (): void => {
      state = ending;
      kill();
    };
    let whole = setTimeout(kill, boot.readyWithin);
    let silence: NodeJS.Timeout | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parseEvent(line);
      if (event === undefined) return;
      clearTimeout(silence);
      silence = setTimeout(killAs('emulator'), boot.eventWithin);
      if (event.type === 'ready') {
        clearTimeout(whole);
        state = 'died';
        whole = setTimeout(killAs('late'), boot.doneWithin);
      } else if (event.type === 'done') {
        state = 'done';
      }
      onEvent(event);
      if (event.type === 'ready' || event.type === 'end') child.stdin.write(`${boot.nextFile() ?? ''}\n`);
    });
    child.once('error', reject);
    child.once('close', (_, signal) => {
      clearTimeout(whole);
      clearTimeout(silence);
      process.off('exit', kill);
      // The emulator exits when the machine ends, even by a panic. A signal is the emulator's own fault.
      resolve(state === 'died' && signal !== null ? 'emulator' : state);
    });
  });
}
