// Shell patterns as regular expressions, in the three dialects a build meets.

/** `*`, `?` and `\x`, as `${x#pattern}` has them. Not anchored. */
export function parameterPattern(pattern: string, isGreedy: boolean): string {
  return pattern.replaceAll(/\\(.)|[\s\S]/g, (sign, escaped: string | undefined) => {
    if (escaped !== undefined) return quoted(escaped);
    if (sign === "*") return isGreedy ? "[\\s\\S]*" : "[\\s\\S]*?";
    return sign === "?" ? "[\\s\\S]" : quoted(sign);
  });
}

/** Go's filepath.Match, which COPY uses: `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are one character. */
export function pathPattern(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern, (stars) => "[^/]*".repeat(Math.min(stars, 1)))}$`, "s");
}

/**
 * The same with `**`, which also matches any number of folders: what .dockerignore uses. It need not be a word of its
 * own there: behind `**` comes a slash, or the end, or anything.
 */
export function ignorePattern(pattern: string): RegExp {
  const text = translate(pattern.replaceAll(/\*{2,}\/?/g, "\0"), () => "[^/]*");
  return new RegExp(`^${text.replace(/\0$/, ".*").replaceAll("\0", "(?:.*/)?")}$`, "s");
}

/** Throws SyntaxError where Go says ErrBadPattern. */
function translate(pattern: string, starsOf: (count: number) => string): string {
  return pattern.replaceAll(/\*+|\?|\\(.?)|\[(\^?)((?:\\.|[^\]\\])*)\]|[\s\S]/g, (all, escaped, negation, set) => {
    if (all.startsWith("*")) return starsOf(all.length);
    if (all === "?") return "[^/]";
    if (escaped !== undefined) return escaped === "" ? bad(pattern) : quoted(escaped);
    if (set !== undefined) return set === "" ? bad(pattern) : `(?!/)[${negation}${set.replaceAll("[", "\\[")}]`;
    return all === "[" ? bad(pattern) : all === "\0" ? all : quoted(all);
  });
}

function bad(pattern: string): never {
  throw new SyntaxError(`syntax error in pattern: ${pattern}`);
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
