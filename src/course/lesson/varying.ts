// What may differ between two runs of the same command, and nothing else may: named fields, each with what it looks like.
// In both outputs such a field is replaced by its name, and then they have to be the same.

export const FIELDS = {
  /** `1.3 ms`, `12:04:31`, `0m0.013s`, `Nov 28` */
  time: /\b(?:\d+m)?\d+(?:\.\d+)?\s?(?:ns|\u00b5s|us|ms|s|seconds?|minutes?|hours?|days?)\b|\b\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\b|\b\d{4}-\d\d-\d\d\b/g,
  /** A container's, an image's, a digest. */
  id: /\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b/g,
  /** As in `pid:[4026531836]`. */
  inode: /\b\d{6,20}\b/g,
  /** `64M`, `207.4MB`, `1024 kB`, `512 bytes` */
  size: /\b\d+(?:\.\d+)?\s?(?:[kKMGT]i?B?|B|bytes)\b/g,
  pid: /\b\d{1,7}\b/g,
  /** Any, also with a fraction. */
  number: /\b\d+(?:\.\d+)?\b/g,
} satisfies Record<string, RegExp>;

export type Field = keyof typeof FIELDS;

export function isField(name: string): name is Field {
  return name in FIELDS;
}

/** A line without what varies. Columns are as wide as what is in them, so runs of spaces count as one then. */
export function steady(line: string, varies: readonly Field[]): string {
  if (varies.length === 0) return line.trimEnd();
  const names = (Object.keys(FIELDS) as Field[]).filter((name) => varies.includes(name));
  const replaced = names.reduce((text, name) => text.replace(FIELDS[name], `<${name}>`), line);
  return replaced.replace(/\s+/g, " ").trim();
}
