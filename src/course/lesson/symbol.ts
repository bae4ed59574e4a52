// Cuts one declaration out of a source file, with the comment above it. Our files are formatted, so a declaration begins
// at the margin, and lasts until something else stands there that doesn't close a bracket of it. That holds for TypeScript
// and for C, and needs no compiler.

const CLOSES = /^(?:\s|[)}\]]|$)/;
const COMMENT = /^(?:\/\/|\/\*| \*)/;

/** Undefined where there is no such declaration. */
export function cutSymbol(source: string, symbol: string): string | undefined {
  const lines = source.split("\n");
  const start = lines.findIndex((line) => declares(line, symbol));
  if (start < 0) return undefined;
  return lines.slice(commentAbove(lines, start), endOf(lines, start)).join("\n").trimEnd();
}

function declares(line: string, symbol: string): boolean {
  const name = symbol.replace(/[^\w]/g, "");
  const typescript = `(?:export )?(?:default )?(?:abstract )?(?:async )?(?:function\\*?|const|let|class|interface|type) ${name}\\b`;
  // `static int name(…) {`, `struct name {`, `#define NAME`, and no declaration that ends on its line.
  const c = `(?:(?:[a-z_]\\w*|__\\w+\\(\\(\\w+\\)\\))[ *]+)+${name}(?:\\(.*[^;]$| \\{$)|#define ${name}\\b`;
  return new RegExp(`^(?:${typescript}|${c})`).test(line);
}

function commentAbove(lines: string[], start: number): number {
  let first = start;
  while (first > 0 && COMMENT.test(lines[first - 1]!)) first--;
  return first;
}

function endOf(lines: string[], start: number): number {
  const isMacro = lines[start]!.startsWith("#");
  const goesOn = (line: string, before: string) => (isMacro ? before.endsWith("\\") : CLOSES.test(line));
  let end = start + 1;
  while (end < lines.length && goesOn(lines[end]!, lines[end - 1]!)) end++;
  return end;
}
