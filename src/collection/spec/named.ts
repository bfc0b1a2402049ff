/** Things by name. There is no prototype: `in` and `[]` find only what was put in. */
export type Named<T> = { [name: string]: T };

/** Adds a thing by its name. All names are added here: engines are slow where the same one is added repeatedly. */
export function put<T>(all: Named<T>, name: string, thing: T): void {
  all[name] = thing;
}
