/** Things by their name. There is no prototype: `in` and `[]` see nothing but what was put in. */
export type Named<T> = { [name: string]: T };

/** Puts a thing under its name. One place for all names: engines take long where the same one is added time and again. */
export function put<T>(all: Named<T>, name: string, thing: T): void {
  all[name] = thing;
}
