// import() of a file that isn't ours. V8 forgets how, in a script whose compiled form was kept (program.ts); so the program
// that starts the bundle, which is a file like any other, lends its own.

export type ImportModule = (url: string) => Promise<Record<string, unknown>>;

let lent: ImportModule = (url) => import(url);

/** For whoever starts the command line. */
export function lendImport(own: ImportModule): void {
  lent = own;
}

export const importModule: ImportModule = (url) => lent(url);
