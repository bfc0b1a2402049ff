// depends on: kernel
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { versionCode } from '../../../src/collection/externs/kernel-config.ts';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { BpfError, VerifierError } from '../../../src/errors/index.ts';
import { kernelBtf, kernelBuildOption, kernelVersion } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { compilers, fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const PACKET = { data: new Uint8Array(64) };

/** Whether this process does not see the addresses of the kernel's code. */
const hidesAddresses = (): boolean => /^0+ \S _stext$/m.test(readFileSync('/proc/kallsyms', 'latin1'));

test('addresses that are hidden are not taken for missing', async (t) => {
  const any = { cmds: 'any', maps: 'any', progs: 'any', attachs: 'any' };
  await runWithToken(t, 'without CAP_SYSLOG', any, (t) => {
    if (!hidesAddresses()) return t.skip('the kernel shows addresses to everybody (kernel.kptr_restrict=0)');
    const spec = CollectionSpec.loadSync(fixture('externs.el.clang19.o'));
    for (const program of Object.values(spec.programs)) program.autoload = program.name === 'symbols';
    assert.throws(() => Collection.loadSync(spec), {
      code: 'ERR_BPF_EXTERN',
      message: /"_stext" \(kernel variable\).*\/proc\/kallsyms hides addresses: it needs CAP_SYSLOG/,
    });
  });
});

for (const compiler of compilers) {
  /** The object with only this program to load. */
  const only = (name: string, source = 'externs'): CollectionSpec => {
    const spec = CollectionSpec.loadSync(fixture(`${source}.el.${compiler}.o`));
    for (const program of Object.values(spec.programs)) program.autoload = program.name === name;
    return spec;
  };

  test(`${compiler}: values of the kernel's configuration`, needsLoading(), (t) => {
    const given = kernelBuildOption('CONFIG_BPF') === undefined ? { CONFIG_BPF_SYSCALL: 'y' } : {};
    using collection = Collection.loadSync(only('configuration'), { kconfig: given });
    assert.equal(collection.programs.configuration?.testRun(PACKET).returnValue, 0);
    const value = (name: string): unknown => collection.variables[name]?.get();
    assert.equal(value('version'), versionCode(kernelVersion() ?? assert.fail()));
    assert.equal(value('syscall_y'), true);
    assert.equal(value('missing'), false, 'weak and not there');
    assert.equal(
      value('wrapper'),
      kernelBtf().byName('__x64_sys_bpf', 'func') !== undefined || process.arch !== 'x64',
    );
    if (kernelBuildOption('CONFIG_BPF') === undefined)
      return t.skip('the kernel does not show its configuration');
    assert.equal(value('jit'), kernelBuildOption('CONFIG_BPF_JIT') === 'y' ? 'TRI_YES' : 'TRI_NO');
    assert.equal(value('bpf'), 'y'.charCodeAt(0));
    assert.equal(value('hz'), Number(kernelBuildOption('CONFIG_HZ')));
    const hostname = String(kernelBuildOption('CONFIG_DEFAULT_HOSTNAME')).slice(1, -1);
    assert.equal(value('hostname'), hostname.slice(0, 7));
  });

  test(`${compiler}: values may be given`, needsLoading(), () => {
    using collection = Collection.loadSync(only('configuration'), {
      kconfig: {
        ...{ CONFIG_HZ: 1000, CONFIG_BPF_JIT: 'm', CONFIG_BPF: 'n', CONFIG_BPF_SYSCALL: true },
        ...{ CONFIG_DEFAULT_HOSTNAME: '"a longer name"', CONFIG_OF_NO_KERNEL: 'y' },
        ...{ LINUX_KERNEL_VERSION: 0x50403 },
      },
    });
    collection.programs.configuration?.testRun(PACKET);
    const value = (name: string): unknown => collection.variables[name]?.get();
    assert.deepEqual(['hz', 'jit', 'bpf', 'syscall_y', 'hostname', 'missing', 'version'].map(value), [
      1000,
      'TRI_MODULE',
      'n'.charCodeAt(0),
      true,
      'a longe',
      true,
      0x50403,
    ]);
    const refused = (kconfig: object, message: RegExp): void => {
      const options = { kconfig: { CONFIG_BPF_SYSCALL: 'y', ...kconfig } };
      assert.throws(() => Collection.loadSync(only('configuration'), options), {
        code: 'ERR_BPF_EXTERN',
        message,
      });
    };
    refused({ CONFIG_HZ: 65536 }, /"CONFIG_HZ".*program "configuration".*65536 does not fit/);
    refused({ CONFIG_HZ: 'y' }, /its value is y, but it is declared as .*short/);
    refused({ CONFIG_BPF_SYSCALL: 'm' }, /its value is m, but it is declared as _Bool/);
    refused({ CONFIG_HZ: '"text"' }, /its value is "text"/);
  });

  test(`${compiler}: symbols without types, and what is missing but weak`, needsLoading(), (t) => {
    const line = /^([0-9a-f]+) \S _stext$/m.exec(readFileSync('/proc/kallsyms', 'latin1'))?.[1];
    if (line === undefined || BigInt(`0x${line}`) === 0n) return t.skip('/proc/kallsyms shows no addresses');
    using collection = Collection.loadSync(only('symbols'));
    collection.programs.symbols?.testRun(PACKET);
    const { text, no_symbol, no_variable } = collection.variables;
    assert.equal(text?.get(), BigInt(`0x${line}`));
    assert.equal(no_symbol?.get(), 0n);
    assert.equal(no_variable?.get(), 1);
  });

  test(`${compiler}: variables of the kernel`, needsLoading(), (t) => {
    try {
      using collection = Collection.loadSync(only('typed'));
      collection.programs.typed?.testRun(PACKET);
      assert.equal(typeof collection.variables.active?.get(), 'number');
      assert.notEqual(collection.variables.active?.get(), -1);
    } catch (error) {
      if (!(error instanceof VerifierError) || !/failed to find the address/.test(error.message)) throw error;
      t.skip('the kernel does not know where its variables are (CONFIG_KALLSYMS_ALL)');
    }
  });

  test(`${compiler}: functions of the kernel, those that are missing not called`, needsLoading(), () => {
    using collection = Collection.loadSync(only('functions'));
    const there = kernelBtf().byName('bpf_cast_to_kern_ctx', 'func') !== undefined;
    assert.equal(collection.programs.functions?.testRun(PACKET).returnValue, there ? 1 : 0);
  });

  test(
    `${compiler}: what another file defines is to be linked, what the kernel has to be declared`,
    needsLoading(),
    (t) => {
      const refused = (program: string, problem: string): void => {
        const file = fixture(`elsewhere.el.${compiler}.o`);
        assert.throws(
          () => Collection.loadSync(file, { programs: [program] }),
          (error: Error) => {
            assert.ok(BpfError.is(error));
            assert.equal(error.code, 'ERR_BPF_EXTERN');
            assert.equal(error.message, `${file}: Cannot resolve extern ${problem}`);
            return true;
          },
        );
      };
      const link = 'link it with the object that defines it (bpftool gen object)';
      for (const [program, name] of [
        ['uses_map', 'other_map'],
        ['uses_variable', 'other_variable'],
        ['uses_function', 'other_function'],
      ] as const) {
        refused(program, `"${name}", which program "${program}" refers to: another file defines it: ${link}`);
      }
      if (kernelBtf().byName('bpf_rcu_read_lock', 'func') === undefined)
        return t.skip('the kernel has no bpf_rcu_read_lock');
      refused(
        'uses_kernel',
        `"bpf_rcu_read_lock", which program "uses_kernel" refers to: it is not declared __ksym: declare it __ksym if you mean the kernel's function of that name, else ${link}`,
      );
    },
  );

  test(`${compiler}: a common symbol is named, with what to do`, () => {
    for (const order of ['el', 'eb']) {
      assert.throws(() => CollectionSpec.loadSync(fixture(`common.${order}.${compiler}.o`)), {
        name: 'FormatError',
        message:
          /, socket, offset \d+: variable "counter" is in no section \(a common symbol\): initialise it, or compile with -fno-common$/,
      });
    }
  });

  test(`${compiler}: what is missing is named, and who refers to it`, needsLoading(), () => {
    const rows: readonly (readonly [string, RegExp])[] = [
      [
        'no_configuration',
        /extern "CONFIG_OF_NO_KERNEL_STRONG" \(kernel configuration\), which program "no_conf/,
      ],
      ['no_fact', /extern "LINUX_HAS_NOTHING_OF_THE_KIND" .*this library does not know this value/],
      ['no_symbol_program', /extern "symbol_of_no_kernel_strong" \(kernel variable\).*\/proc\/kallsyms/],
      ['no_function', /extern "function_of_no_kernel_strong" \(kernel function\).*declare it __weak/],
      ['unchecked', /extern "function_of_no_kernel" .*calls it without a check \(bpf_ksym_exists\)/],
      ['other_type', /extern "bpf_rcu_read_lock" .*has another type: void \(\) instead of int \(int, int\)/],
    ];
    const kfuncs = kernelBtf().byName('bpf_rcu_read_lock', 'func') !== undefined;
    for (const [name, message] of rows) {
      assert.throws(
        () => Collection.loadSync(only(name, name === 'unchecked' ? 'externs' : 'externs-missing')),
        (error: Error) => {
          assert.ok(BpfError.is(error));
          assert.equal(error.code, 'ERR_BPF_EXTERN');
          if (kfuncs || name !== 'other_type') assert.match(error.message, message);
          return true;
        },
      );
    }
  });
}
