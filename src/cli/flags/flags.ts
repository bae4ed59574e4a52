// The flags of a command are a table: a line for each, with its names, its value's kind, its help, and what it does to the
// options being collected. It is all that reading a command line needs (plain.ts), and what commander is told of to make
// the help, or to say what is wrong (docker-command.ts).

/** How to write it (`-m, --memory`), its value's kind (`""` for a switch), the help, and where the value goes. */
export type Flag<T> = readonly [names: string, kind: string, help: string, set: (target: T, text: string) => void];

/** Flags under the heading that `--help` shows them under; without a heading they are read, but not shown. */
export type FlagGroup<T> = readonly [heading: string, ...flags: Flag<T>[]];

type Lists<T> = { [K in keyof T]: NonNullable<T[K]> extends unknown[] ? K : never }[keyof T];
type Item<T> = NonNullable<T> extends (infer I)[] ? I : never;

/** The usual things a flag does with its value: be the one value of a field, or one more of a list. */
export function setters<T>() {
  return {
    one<K extends keyof T>(key: K, parse: (text: string) => T[K] & {}) {
      return (target: T, text: string) => {
        target[key] = parse(text);
      };
    },
    many<K extends Lists<T>>(key: K, parse: (text: string) => Item<T[K]>) {
      return (target: T, text: string) => {
        target[key] = [...((target[key] ?? []) as unknown[]), parse(text)] as T[K];
      };
    },
  };
}
