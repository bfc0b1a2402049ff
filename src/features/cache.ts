import type { Answer } from './answer.ts';

/** The answers already found with one source of BTF, by question. Only `yes` and `no` are kept. */
export type Answers = Map<string, Answer>;

let bySource = new Map<string, Answers>();
let byBytes = new WeakMap<Uint8Array, Answers>();

/** The answers found with this source of BTF. Each source has its own, because trying can show what BTF cannot. */
export function answersFor(source: string | Uint8Array): Answers {
  const known = typeof source === 'string' ? bySource.get(source) : byBytes.get(source);
  if (known !== undefined) return known;
  const answers: Answers = new Map();
  if (typeof source === 'string') bySource.set(source, answers);
  else byBytes.set(source, answers);
  return answers;
}

/** The answer to `question`, from the cache or by asking. */
export function remembered(answers: Answers, question: string, ask: () => Answer): Answer {
  const known = answers.get(question);
  if (known !== undefined) return known;
  const answer = ask();
  if (answer.answer === 'yes' || answer.answer === 'no') answers.set(question, answer);
  return answer;
}

/**
 * Forgets all answers, so that the kernel is asked again: for example after a kernel module was loaded. `denied` and
 * `unknown` are never kept.
 */
export function forgetAnswers(): void {
  bySource = new Map();
  byBytes = new WeakMap();
}
