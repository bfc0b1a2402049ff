/** The rows that most cases share: ours and the peers. Each is a separate process. */
import { fileURLToPath } from 'node:url';
import type { Entrant } from '../harness/case.ts';
import { fresh, type Open, served } from '../harness/session.ts';
import type { Peer } from '../peers/build.ts';
import { floor, libbpf } from '../peers/c.ts';
import { cilium } from '../peers/go.ts';

/** Starts a contender from its command line: {@link served}, {@link fresh}, or something that the case defines. */
export type Start = (argv: readonly string[]) => Open;

const oursMain = fileURLToPath(new URL('../ours/main.js', import.meta.url));

/** The command line of our side of a case. */
export function oursArgv(name: string, ...args: readonly string[]): string[] {
  return [process.execPath, oursMain, name, ...args];
}

/** A row of ours. If a case has several, `id` tells them apart. */
export function ours(
  name: string,
  options: { id?: string; title?: string; start?: Start; args?: readonly string[] } = {},
): Entrant {
  const { id = 'ours', title = 'ebpf-ts', start = served, args = [] } = options;
  return { id, name: title, open: start(oursArgv(name, ...args)) };
}

const PEERS: Readonly<Record<string, () => Promise<Peer>>> = { floor, libbpf, cilium };

/** The rows of the floor and the peers for a case. */
export async function peers(
  ids: readonly ('floor' | 'libbpf' | 'cilium')[],
  name: string,
  { start = served, args = [] }: { start?: Start; args?: readonly string[] } = {},
): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const id of ids) {
    const peer = await PEERS[id]?.();
    if (peer === undefined) continue;
    const { program } = peer;
    entrants.push({
      id,
      name: peer.name,
      open: typeof program === 'string' ? start([program, name, ...args]) : program,
    });
  }
  return entrants;
}

export { fresh, served };
