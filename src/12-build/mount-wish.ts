// `--mount=type=cache,target=/root/.cache`: fields as in a line of CSV, each a key, or a key and its value. Variables in the
// values are known only when it is the instruction's turn; `from` has none, since the stages it needs are made before.

import { UserError } from "../01-syscalls/index.ts";
import { nearest } from "./mistake.ts";

export interface MountWish {
  type: "bind" | "cache" | "tmpfs" | "secret";
  target: string | undefined;
  source: string | undefined;
  /** A stage or an image. */
  from: string | undefined;
  id: string | undefined;
  isReadOnly: boolean;
  sharing: "shared" | "private" | "locked";
  required: boolean;
  /** The variable that a secret becomes. */
  env: string | undefined;
  mode: number | undefined;
  uid: number;
  gid: number;
  sizeBytes: number | undefined;
}

const TYPES = ["bind", "cache", "tmpfs", "secret"] as const;
const SHARING = ["shared", "private", "locked"] as const;

/** Other ways of writing a key. */
const ALIASES = new Map([
  ["dst", "target"],
  ["destination", "target"],
  ["src", "source"],
  ["ro", "readonly"],
  ["rw", "readwrite"],
]);

const COMMON = ["type", "target"];
const KEYS: Record<MountWish["type"], string[]> = {
  bind: [...COMMON, "source", "from", "readonly", "readwrite"],
  cache: [...COMMON, "id", "source", "from", "sharing", "mode", "uid", "gid", "readonly", "readwrite"],
  tmpfs: [...COMMON, "size"],
  secret: [...COMMON, "id", "required", "mode", "uid", "gid", "env", "source"],
};

/** What a value stands for. */
type Expand = (value: string) => string;

/** The stage or image that a mount is from. Throws UserError for what is no mount, as far as variables let that be seen. */
export function sourceOfMount(text: string): string | undefined {
  const from = new Map(csvFields(text).map(fieldOf)).get("from");
  if (from?.includes("$")) {
    const hint = "FROM can have it: begin a stage with that, and name the stage here";
    throw new UserError("'from' doesn't support variable expansion", { hint });
  }
  if (!text.includes("$")) parseMount(text, (value) => value);
  return from;
}

/** Throws UserError for what is no such mount. */
export function parseMount(text: string, expand: Expand): MountWish {
  const given = csvFields(text).map(fieldOf);
  const fields = new Map(given.map(([key, value]) => [key, value.includes("$") ? expand(value) : value]));
  const type = typeOf(fields);
  for (const key of fields.keys()) if (!KEYS[type].includes(key)) throw unexpected(key, type);
  const wish = wishOf(type, fields);
  if (type !== "secret" && wish.target === undefined) throw new UserError(`${type} mounts need a target`);
  if (type === "secret" && (wish.id ?? wish.target) === undefined) throw new UserError("secret mounts need an id");
  return wish;
}

function wishOf(type: MountWish["type"], fields: Map<string, string>): MountWish {
  const isSwitched = (key: string, usual: boolean) => switchOf(fields, key) ?? usual;
  return {
    type,
    target: fields.get("target"),
    source: type === "secret" ? undefined : fields.get("source"),
    from: fields.get("from"),
    id: fields.get("id") ?? (type === "secret" ? fields.get("source") : undefined),
    isReadOnly: isSwitched("readonly", !isSwitched("readwrite", type !== "bind")),
    sharing: oneOf(SHARING, fields.get("sharing") ?? "shared", "sharing"),
    required: isSwitched("required", false),
    env: fields.get("env"),
    mode: numberOf(fields, "mode", 8),
    uid: numberOf(fields, "uid", 10) ?? 0,
    gid: numberOf(fields, "gid", 10) ?? 0,
    sizeBytes: sizeOf(fields.get("size")),
  };
}

/** A field may be quoted, for the sake of a comma in it. */
function csvFields(text: string): string[] {
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return fields.map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}

function fieldOf(field: string): [string, string] {
  const [key = ""] = field.split("=", 1);
  const name = key.toLowerCase();
  return [ALIASES.get(name) ?? name, field.slice(key.length + 1)];
}

function typeOf(fields: Map<string, string>): MountWish["type"] {
  const given = fields.get("type") ?? "bind";
  if (given === "ssh") throw new UserError("ssh mounts are not supported", { hint: "a secret may hold a key" });
  return oneOf(TYPES, given, "mount type");
}

function oneOf<T extends string>(known: readonly T[], given: string, what: string): T {
  const found = known.find((name) => name === given);
  if (found) return found;
  throw new UserError(`unsupported ${what} ${JSON.stringify(given)}: ${known.join(", ")}`, hintFor(given, known));
}

function unexpected(key: string, type: MountWish["type"]): UserError {
  return new UserError(`unexpected key '${key}' for mount type '${type}'`, hintFor(key, KEYS[type]));
}

function hintFor(word: string, known: readonly string[]): { hint?: string } {
  const guess = nearest(word, known);
  return guess === undefined ? {} : { hint: `did you mean ${guess}?` };
}

function switchOf(fields: Map<string, string>, key: string): boolean | undefined {
  const value = fields.get(key);
  if (value === undefined) return undefined;
  if (["", "true", "1"].includes(value)) return true;
  if (["false", "0"].includes(value)) return false;
  throw new UserError(`invalid value for ${key}: ${value}`);
}

function numberOf(fields: Map<string, string>, key: string, base: number): number | undefined {
  const value = fields.get(key);
  if (value === undefined) return undefined;
  if ((base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value)) return Number.parseInt(value, base);
  throw new UserError(`invalid value for ${key}: ${value}`);
}

function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count = "", unit = ""] = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  if (count === "") throw new UserError(`invalid value for size: ${text}`);
  return Number(count) * 1024 ** ["", "k", "m", "g", "t"].indexOf(unit.toLowerCase());
}
