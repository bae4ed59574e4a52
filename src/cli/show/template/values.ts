// Go's view of our values: what counts as true, how a value is printed, and what its type is called in an error.
// A record is a Go struct: a field it lacks is a mistake. A record without a prototype (`mapOf`) is a Go map, whose keys
// are anybody's, such as labels: a key it lacks is `<no value>`.

export type Value = unknown;

/** The same keys and values, as a map. */
export function mapOf<T>(record: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), record) as Record<string, T>;
}

export function isMap(value: Value): value is Record<string, Value> {
  return isRecord(value) && Object.getPrototypeOf(value) === null;
}

export function isRecord(value: Value): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Zero, empty, absent and false are false. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** As `%v` prints it: `[a b]`, `map[key:value]`, `{value value}`. */
export function print(value: Value): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(print).join(" ")}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, one]) => `${key}:${print(one)}`)
      .join(" ")}]`;
  if (isRecord(value)) return `{${Object.values(value).map(print).join(" ")}}`;
  return String(value);
}

/** Go's JSON, on one line: a map's keys are sorted, a struct's are in its order. */
export function json(value: Value): string {
  const sorted = (_key: string, one: Value) => (isMap(one) ? { ...Object.fromEntries(sortedEntries(one)) } : one);
  return JSON.stringify(value === undefined ? null : value, sorted);
}

export function sortedEntries(map: Record<string, Value>): [string, Value][] {
  return Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** What Go would call the type. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return "<nil>";
  if (Array.isArray(value)) return "[]string";
  if (isMap(value)) return "map[string]string";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "struct";
}
