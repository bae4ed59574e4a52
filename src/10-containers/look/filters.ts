// `--filter`: what to show, as `key=value`. Of one key any value will do, and every key must be met. Which keys there are
// depends on what is listed; what they mean is Docker's (moby: api/types/filters/parse.go).

import { UserError } from "../../01-syscalls/index.ts";

/** The values asked for, by key. */
export class Filters {
  private readonly values: ReadonlyMap<string, string[]>;

  /** Throws UserError for a key that is not among `known`. */
  constructor(pairs: [key: string, value: string][], known: readonly string[]) {
    const unknown = pairs.find(([key]) => !known.includes(key));
    if (unknown) throw new UserError(`invalid filter '${unknown[0]}'`);
    this.values = groupByKey(pairs);
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  get(key: string): string[] {
    return this.values.get(key) ?? [];
  }

  /** True where nothing is asked about the key, or one of its values fits. */
  any(key: string, fits: (value: string) => boolean): boolean {
    return !this.has(key) || this.get(key).some(fits);
  }

  /** One of the values is the text or, as a regular expression, is found in it. */
  matches(key: string, text: string): boolean {
    return this.any(key, (value) => value === text || isFound(value, text));
  }

  /** Labels are the exception: all of them are wanted. `key` alone asks that there be one of this name. */
  matchesLabels(labels: Record<string, string>): boolean {
    return this.get("label").every((wanted) => hasLabel(labels, wanted));
  }
}

export function hasLabel(labels: Record<string, string>, wanted: string): boolean {
  const [key = ""] = wanted.split("=", 1);
  if (!Object.hasOwn(labels, key)) return false;
  return !wanted.includes("=") || labels[key] === wanted.slice(key.length + 1);
}

function isFound(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function groupByKey(pairs: [key: string, value: string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}
