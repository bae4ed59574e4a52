// A word as a shell takes it, whatever is in it: in single quotes nothing has a meaning but the quote itself.

export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
