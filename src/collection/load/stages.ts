import { addToMessage, BpfError, TokenError } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { finish, type Loaded } from './finish.ts';
import { makeMaps } from './maps/make.ts';
import { loadObjectBtf } from './object-btf.ts';
import { Opened } from './opened.ts';
import type { CollectionOptions } from './options.ts';
import { planLoad } from './plan.ts';
import { type Prepared, preparePrograms } from './programs/prepare.ts';

/** One load. It yields the programs to load, and receives the result of each. */
export type LoadStages = Generator<readonly Prepared[], Loaded, PromiseSettledResult<Program>[]>;

/**
 * Loads an object file in stages. Each stage passes on what it got and what it adds. This is a generator, so that the
 * same stages serve the synchronous and the asynchronous form: only how programs are loaded differs. If anything fails,
 * everything that was opened is closed.
 */
export function* loadStages(spec: CollectionSpec, options: CollectionOptions): LoadStages {
  const plan = planLoad(spec, options);
  const opened = new Opened(options.token);
  let btfProblem: BpfError | undefined;
  try {
    const typed = loadObjectBtf(plan, opened);
    ({ btfProblem } = typed);
    const mapped = makeMaps(typed);
    const prepared = preparePrograms(mapped);
    return finish(mapped, prepared, yield prepared);
  } catch (error) {
    opened.close();
    throw btfProblem === undefined ? error : withBtfProblem(error, btfProblem);
  } finally {
    opened.modules.close();
  }
}

/** Adds why BTF was refused, because the missing BTF may be the cause of the error. */
function withBtfProblem(error: unknown, problem: BpfError): unknown {
  // If both are about the same token, or about having none, one message is enough.
  const same = error instanceof TokenError && problem instanceof TokenError && error.mount === problem.mount;
  if (BpfError.is(error) && !same)
    addToMessage(error, { after: `; its types could not be loaded either: ${problem.message}` });
  return error;
}
