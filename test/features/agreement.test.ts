// depends on: kernel
/** The answers do not contradict each other, whether they come from BTF or from a trial, with privileges or without. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { attachTypes, mapTypes, programTypes } from '../../src/abi/index.ts';
import {
  type Answer,
  features,
  forgetAnswers,
  haveAttachType,
  haveFeature,
  haveMapType,
  haveProgramType,
  type ProbeOptions,
} from '../../src/features/index.ts';
import { needsRoot, needsRootAndBtf, withOnly } from './privileges.ts';

type Answers = Map<string, Answer>;

function askAll(options: ProbeOptions): Answers {
  forgetAnswers();
  const answers: Answers = new Map();
  for (const type of mapTypes.names) answers.set(`map type ${type}`, haveMapType(type, options));
  for (const type of programTypes.names) answers.set(`program type ${type}`, haveProgramType(type, options));
  for (const type of attachTypes.names) answers.set(`attach type ${type}`, haveAttachType(type, options));
  for (const feature of features) answers.set(`feature ${feature}`, haveFeature(feature, options));
  return answers;
}

const definite = ({ answer }: Answer): boolean => answer === 'yes' || answer === 'no';

/** Asserts that no two definite answers differ, and returns how many were compared. */
function compare(some: Answers, others: Answers): number {
  let compared = 0;
  for (const [question, one] of some) {
    const other = others.get(question);
    assert.ok(other);
    if (!definite(one) || !definite(other)) continue;
    assert.equal(one.answer, other.answer, question);
    compared++;
  }
  return compared;
}

after(forgetAnswers);

test('BTF and trials agree', needsRootAndBtf(), () => {
  const tried = askAll({ btf: 'off' });
  const told = askAll({});
  const compared = compare(told, tried);
  // Most questions have a definite answer from both.
  assert.ok(compared > told.size * 0.75, `${compared} of ${told.size}`);
});

test('without capabilities the answers are the same, or denied', needsRootAndBtf(), () => {
  const privileged = askAll({});
  const plain = withOnly([], () => askAll({}));
  const compared = compare(privileged, plain);
  assert.ok(compared > privileged.size * 0.8, `${compared} of ${privileged.size}`);
  for (const [question, answer] of plain) {
    if (answer.answer === 'denied') assert.equal(answer.error.code, 'EPERM', question);
  }
});

test(
  'with neither BTF nor capabilities much is denied, and nothing denied is called missing',
  needsRoot(),
  () => {
    const privileged = askAll({ btf: 'off' });
    const plain = withOnly([], () => askAll({ btf: 'off' }));
    compare(privileged, plain);
    assert.equal(plain.get('map type hash')?.answer, 'denied');
    assert.equal(plain.get('program type xdp')?.answer, 'denied');
  },
);

test('with CAP_BPF alone the answers are those of root, or denied', needsRoot(), () => {
  const privileged = askAll({ btf: 'off' });
  const plain = withOnly(['bpf'], () => askAll({ btf: 'off' }));
  compare(privileged, plain);
  assert.equal(plain.get('map type hash')?.answer, 'yes');
  assert.equal(plain.get('program type socket_filter')?.answer, 'yes');
  assert.equal(plain.get('program type xdp')?.answer, 'denied');
});
