/** What imports what. The names are modules or folders. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Finds circles of imports, at least one for each group that is tied together, such as `a -> b -> a`. */
export function findCircles(graph: Graph): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): void => {
    const at = path.indexOf(name);
    if (at !== -1) circles.push([...path.slice(at), name].join(' → '));
    if (at !== -1 || done.has(name)) return;
    path.push(name);
    for (const target of graph.get(name) ?? []) visit(target);
    path.pop();
    done.add(name);
  };
  for (const name of graph.keys()) visit(name);
  return circles;
}

/** The folders directly below src/, and for each the other folders that it imports from. */
export function foldersOf(graph: Graph): Graph {
  const folders = new Map<string, string[]>();
  const folderOf = (name: string): string | undefined => /^([^./][^/]*)\//.exec(name)?.[1];
  for (const [name, targets] of graph) {
    const own = folderOf(name);
    if (own === undefined) continue;
    const others = targets
      .filter((target) => graph.has(target))
      .flatMap((target) => folderOf(target) ?? [])
      .filter((other) => other !== own);
    folders.set(own, [...new Set([...(folders.get(own) ?? []), ...others])]);
  }
  return folders;
}
