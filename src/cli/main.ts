#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { complain, fail, print, USAGE, width } from './output.ts';

// Each command is imported when it runs: help and version do not need the library.

/** The width that commander uses in a file. */
const helpWidth = (): number => width() ?? 80;

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };
  return version;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Refuses a second option of the same meaning, such as `--no-net` after `--net`: it would replace the first one. */
function refuseTwice(command: Command): void {
  const given = new Map<string, { readonly flags: string; readonly value: string | undefined }>();
  for (const option of command.options) {
    if (option.parseArg === collect) continue;
    // Commander's own handlers were added before, so what cannot be a value has been refused by then.
    command.on(`option:${option.name()}`, (value: string | undefined) => {
      const before = given.get(option.attributeName());
      if (before === undefined)
        given.set(option.attributeName(), { flags: option.flags, value: value ?? undefined });
      else if (before.flags !== option.flags) {
        command.error(`error: option '${option.flags}' cannot be used with option '${before.flags}'`);
      } else {
        const as = before.value === undefined ? '' : `, as '${before.value}'`;
        command.error(`error: option '${option.flags}' was already given${as}`);
      }
    });
  }
}

/** `--delegate`, in any case. */
function anything(text: string): 'any' {
  if (text.toLowerCase() === 'any') return 'any';
  throw new InvalidArgumentError('Allowed choices are any.');
}

function addTokenCommands(program: Command): void {
  const token = program
    .command('token')
    .description('run programs with a BPF token, and see what this process may do');

  token
    .command('run')
    .description('run a program in a user namespace with a BPF token that permits only what you name')
    .usage('[options] -- <command> [arguments...]')
    .argument('<command...>', 'the program and its arguments')
    .passThroughOptions()
    .option('--cmds <list>', 'bpf(2) commands to delegate')
    .option('--maps <list>', 'map types to delegate')
    .option('--progs <list>', 'program types to delegate')
    .option('--attachs <list>', 'attach types to delegate')
    .addOption(
      new Option('--delegate <what>', 'delegate everything')
        .choices(['any'])
        .argParser(anything)
        .conflicts(['cmds', 'maps', 'progs', 'attachs']),
    )
    .option(
      '--cap <capability>',
      'a capability in addition to CAP_BPF and CAP_DAC_READ_SEARCH; repeatable',
      collect,
    )
    .option('--mount <path>', 'where to mount the bpffs (default: "/sys/fs/bpf")')
    .option('--net', 'give the program its own network namespace (default with --isolate)')
    .option('--no-net', "with --isolate: use this machine's network")
    .option(
      '--isolate',
      'for programs that may be hostile: use unprivileged ids and a separate PID namespace',
    )
    .option(
      '--readable <path>',
      'with --isolate: show the program this path, although a folder above it is closed to other users; repeatable',
      collect,
    )
    .addHelpText(
      'after',
      `
A list is names separated by "," or ":", one number that is a bit mask, or "any".
Example: ebpf-ts token run --cmds map_create --maps hash,array -- ebpf-ts token status`,
    )
    .action(async (command: string[], options: object) => {
      const { tokenRun } = await import('./token-run.ts');
      await tokenRun(command, options);
    });

  token
    .command('status')
    .description('show what this process may do with BPF, and why')
    .option('--json', 'print JSON')
    .option('--drop-caps', 'give up CAP_BPF, CAP_SYS_ADMIN and CAP_PERFMON first')
    .addHelpText('after', '\nThe exit status is 0 if a token could be created, 1 if not.')
    .action(async (options: object) => {
      const { tokenStatus } = await import('./token-status.ts');
      await tokenStatus(options);
    });
}

function addFeatures(program: Command): void {
  program
    .command('features')
    .description('show what the kernel supports, as far as this process can find out')
    .option('--json', 'print JSON')
    .option('--helpers', 'also ask about every helper of every program type')
    .action(async (options: object) => {
      const { showFeatures } = await import('./features.ts');
      await showFeatures(options);
    });
}

function addObjectCommands(program: Command): void {
  program
    .command('inspect')
    .description('show what an object file holds; needs no kernel and no privilege')
    .argument('<object>', 'the file that clang compiled')
    .option('--json', 'print JSON')
    .action(async (file: string, options: object) => {
      const { inspect } = await import('./inspect.ts');
      await inspect(file, options);
    });

  program
    .command('load')
    .description('load an object file, show the result, and keep only what is pinned')
    .argument('<object>', 'the file that clang compiled')
    .option('--pin <dir>', 'pin maps and programs in this folder of a bpffs')
    .option('--target-btf <file>', "resolve CO-RE relocations with these types instead of the kernel's")
    .option('--set <name=value>', 'set a variable, or a kernel configuration value; repeatable', collect)
    .option('--program <name>', 'also load this optional program; repeatable', collect)
    .option('--all-programs', 'also load all optional programs')
    .option('--json', 'print JSON')
    .action(async (file: string, options: object) => {
      const { loadObject } = await import('./load.ts');
      await loadObject(file, options);
    });
}

function addBtf(program: Command): void {
  program
    .command('btf')
    .description('show BTF: the types of programs, maps and the kernel')
    .command('dump')
    .description('print the types of a file, of the kernel, or of BTF that is loaded')
    .argument(
      '[source]',
      'vmlinux, a module, an id, or a file with BTF or a .BTF section; names with a "/" are files',
      'vmlinux',
    )
    .addOption(
      new Option('--c', 'print a C header whose declarations compile to the same layouts').conflicts('json'),
    )
    .option('--json', 'print JSON')
    .option('--base <file>', 'the BTF that the source builds on; default for modules: vmlinux')
    .action(async (source: string, options: object) => {
      const { dumpBtf } = await import('./btf-dump.ts');
      await dumpBtf(source, options);
    });
}

/** The whole command line. Throws CommanderError instead of leaving the process. */
function commandLine(): Command {
  const program = new Command('ebpf-ts')
    .description('eBPF with least privilege: use, explain and test BPF tokens')
    .version(packageVersion())
    .enablePositionalOptions()
    .showHelpAfterError('(see --help)')
    .configureHelp({ showGlobalOptions: false })
    // Help has no colours, so the terminal does not matter.
    .configureOutput({
      writeOut: print,
      writeErr: complain,
      getOutHelpWidth: helpWidth,
      getErrHelpWidth: helpWidth,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addTokenCommands(program);
  addFeatures(program);
  addObjectCommands(program);
  addBtf(program);
  for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    command.exitOverride();
    refuseTwice(command);
  }
  return program;
}

async function main(): Promise<void> {
  try {
    await commandLine().parseAsync();
  } catch (error) {
    // Commander has already written its message. Help and version are not errors.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE;
    else fail(error);
  }
}

await main();
