/** Whether a name is a pattern: `*` stands for any characters, `?` for one. */
export const isGlob = (name: string): boolean => /[*?]/.test(name);

/** Makes a test for names that match a pattern. Its time grows with both lengths, whatever the pattern is. */
export function globMatcher(pattern: string): (name: string) => boolean {
  const first = pattern.search(/[*?]/);
  const start = first === -1 ? pattern : pattern.slice(0, first);
  return (name) => {
    if (!name.startsWith(start)) return false;
    let at = 0;
    let wanted = 0;
    /** The last `*`, and the end of what it stands for so far. */
    let star = -1;
    let end = 0;
    while (at < name.length) {
      const character = pattern[wanted];
      if (character === '*') {
        star = wanted++;
        end = at;
      } else if (character !== undefined && (character === '?' || character === name[at])) {
        wanted++;
        at++;
      } else if (star === -1) {
        return false;
      } else {
        wanted = star + 1;
        at = ++end;
      }
    }
    while (pattern[wanted] === '*') wanted++;
    return wanted === pattern.length;
  };
}
