import type { Answer } from '../features/index.ts';

/** An answer in JSON. */
export interface AnswerJson {
  readonly answer: Answer['answer'];
  readonly code?: string;
  readonly reason?: string;
  /** Why the answer is not known. */
  readonly message?: string;
}

/** An error's message, and the fields to decide by, if it has them. */
export function errorJson(error: Error): { message: string; code?: string; reason?: string } {
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  return {
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

function answerJson(answer: Answer): AnswerJson {
  switch (answer.answer) {
    case 'denied':
      return { answer: 'denied', ...errorJson(answer.error) };
    case 'unknown':
      return { answer: 'unknown', ...errorJson(answer.cause) };
    default:
      return { answer: answer.answer };
  }
}

/** Answers by name, for JSON. */
export function answersJson(answers: Readonly<Record<string, Answer>>): Record<string, AnswerJson> {
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, answerJson(answer)]));
}

/** This many reasons are shown. JSON has them all. */
const MOST_REASONS = 3;

/** One row for each kind of answer, with the names that have it. `denied` and `unknown` also show some reasons. */
export function answerRows(answers: Readonly<Record<string, AnswerJson>>): [string, string][] {
  const rows: [string, string][] = [];
  for (const kind of ['yes', 'no', 'denied', 'unknown'] as const) {
    const found = Object.entries(answers).filter(([, { answer }]) => answer === kind);
    if (found.length === 0) continue;
    rows.push([`${kind} (${found.length})`, found.map(([name]) => name).join(', ')]);
    const reasons = new Set(found.flatMap(([, { message }]) => (message === undefined ? [] : [message])));
    for (const message of [...reasons].slice(0, MOST_REASONS)) rows.push(['', message]);
    const more = reasons.size - MOST_REASONS;
    if (more > 0) {
      rows.push(['', `and ${more} more reason${more === 1 ? '' : 's'} (see --json)`]);
    }
  }
  return rows;
}
