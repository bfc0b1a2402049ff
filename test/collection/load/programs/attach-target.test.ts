// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec, type ProgramTarget } from '../../../../src/collection/index.ts';
import { BpfError, RelocationError, VerifierError } from '../../../../src/errors/index.ts';
import { attachTracing } from '../../../../src/link/index.ts';
import { kernelBtf } from '../../../../src/sys/index.ts';
import { compilers, fixture } from '../../fixture.ts';
import { needsLoading } from '../../needs.ts';

/** The object with only this program to load. */
function only(name: string, file = 'targets.el.clang19.o'): CollectionSpec {
  const spec = CollectionSpec.loadSync(fixture(file));
  for (const program of Object.values(spec.programs)) program.autoload = program.name === name;
  return spec;
}

const PLACES: readonly (readonly [string, string, 'func' | 'typedef'])[] = [
  ['entry', 'bpf_fentry_test1', 'func'],
  ['leave', 'bpf_fentry_test2', 'func'],
  ['switched', 'btf_trace_sched_switch', 'typedef'],
  ['opened', 'bpf_lsm_file_open', 'func'],
  ['tasks', 'bpf_iter_task', 'func'],
];

for (const compiler of compilers) {
  for (const [name, place, kind] of PLACES) {
    test(`${compiler}: ${name} is made for ${place}`, needsLoading(), async (t) => {
      const found = kernelBtf().byName(place, kind);
      if (found === undefined) return t.skip(`the kernel has no ${place}`);
      try {
        using collection = await Collection.load(only(name, `targets.el.${compiler}.o`));
        assert.equal(collection.programs[name]?.info().attachBtfId, found.id);
      } catch (error) {
        if (!BpfError.is(error) || error.code !== 'EPERM') throw error;
        t.skip(`this kernel refuses such programs even to root: ${error.message}`);
      }
    });
  }
}

test('a function of another program is replaced', needsLoading(), async (t) => {
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  using target = await Collection.load(spec);
  const program = target.programs.main_program ?? assert.fail();
  try {
    using collection = await Collection.load(only('replacement'), { targets: { replacement: { program } } });
    const replacement = collection.programs.replacement ?? assert.fail();
    assert.equal(replacement.type, 'ext');
    const run = (): number => program.testRun({ data: new Uint8Array(64) }).returnValue;
    const before = run();
    {
      // shared(value) is 2 * value + table[...] without the link, and value + 1000 with it.
      using _ = attachTracing(replacement);
      assert.ok(run() > before + 900);
    }
    assert.ok(run() < before + 900);
  } catch (error) {
    if (!BpfError.is(error) || error.code !== 'EPERM') throw error;
    t.skip(`this kernel refuses such programs even to root: ${error.message}`);
  }
  const refused = (name: string, targets: { [name: string]: ProgramTarget }, message: RegExp): void => {
    assert.throws(() => Collection.loadSync(only(name), { targets }), {
      code: 'ERR_BPF_ATTACH_TARGET',
      message,
    });
  };
  refused('replacement', {}, /it names no program to attach to: give it in options\.targets\.replacement/);
  refused(
    'replacement_of_none',
    { replacement_of_none: { program } },
    /no function of program "main_program"/,
  );
  const nothing = { program, function: 'nothing' };
  refused(
    'replacement_of_none',
    { replacement_of_none: nothing },
    /program "main_program" has no function "nothing"/,
  );
});

test('what cannot be found is said', needsLoading(), () => {
  const refused = (name: string, message: RegExp): void => {
    assert.throws(() => Collection.loadSync(only(name)), { name: 'BpfError', message });
  };
  refused(
    'nowhere',
    /Cannot load program "nowhere" \(tracing\): the kernel has no function "function_of_no_kernel"$/,
  );
  refused('anywhere', /it names no function to attach to: write SEC\("\?fentry\/…"\), or set attachTo$/);
  refused('misspelt', /SEC\("\?xpd"\) does not say its program type \(did you mean .*SEC\("xdp"\)/);
});

test('a refusal of the verifier shows the source line', needsLoading(), async () => {
  const spec = only('wrong');
  await assert.rejects(Collection.load(spec), (error: Error) => {
    assert.ok(error instanceof VerifierError);
    assert.ok(error.message.startsWith(`${fixture('targets.el.clang19.o')}: Cannot load program "wrong"`));
    assert.match(error.source ?? '', /return \*nothing;$/);
    assert.match(error.message, /return \*nothing;/);
    assert.match(error.log, /; __u64 \*nothing = /);
    return true;
  });
});

test(
  'a field that the kernel does not have is named, when a program reaches it',
  needsLoading(),
  async () => {
    await assert.rejects(
      Collection.load(only('load_unsigned', 'core-shapes.el.clang19.o')),
      (error: Error) => {
        assert.ok(error instanceof RelocationError);
        assert.match(error.message, /struct shape/);
        assert.ok(error.cause instanceof VerifierError);
        return true;
      },
    );
  },
);
