// Four ways to say what shall be seen where: `-v /host:/inside:ro`, `--mount type=bind,src=…,dst=…`,
// `--tmpfs /run:size=64m` and `--device /dev/fuse:/dev/fuse:rw`. All end as plain data; whether it makes sense and
// whether the paths exist is found out later. Grammar and refusals are Docker's (docker/cli: opts/mount.go,
// container/opts.go; moby: volume/mounts/linux_parser.go).

import { posix } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import type { DeviceOption, MountOption } from "../../10-containers/spec/options.ts";
import { splitPair } from "./key-values.ts";
import { bytes } from "./values.ts";

const PROPAGATIONS = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
/** What may stand behind the second colon of `-v`: of each line one at most. */
const MODES = [["ro", "rw"], PROPAGATIONS, ["z", "Z"], ["nocopy"], ["idmap"], ["consistent", "cached", "delegated"]];

// ---- -v

/** `/host:/inside[:modes]`, `volume:/inside[:modes]` or `/inside`; a relative host path must begin with a dot. */
export function volume(text: string): MountOption {
  const parts = text.split(":");
  if (parts.includes("")) throw new UserError(`invalid spec: ${text}: empty section between colons`);
  if (parts.length > 3 || (parts.length === 2 && isMode(parts[1]!))) {
    throw new UserError(`invalid volume specification: '${text}'`);
  }
  if (parts[2] !== undefined && !isMode(parts[2])) throw new UserError(`invalid mode: ${parts[2]}`);
  const [source, target] = parts.length === 1 ? [undefined, parts[0]!] : [parts[0]!, parts[1]!];
  return volumeMount(source, target, parts[2]);
}

function volumeMount(source: string | undefined, target: string, mode?: string): MountOption {
  const modes = mode?.split(",") ?? [];
  const propagation = modes.find((mode) => PROPAGATIONS.includes(mode));
  const common = {
    target: posix.normalize(target),
    readOnly: modes.includes("ro"),
    ...(mode !== undefined && { mode }),
    ...(propagation && { propagation }),
    ...(modes.includes("idmap") && { idmap: true }),
    ...(modes.includes("nocopy") && { volume: { noCopy: true } }),
  };
  if (source === undefined) return { type: "volume", ...common };
  if (!/^[./]/.test(source)) return { type: "volume", source, ...common };
  return { type: "bind", source: fromHere(source), ...common, createSource: true };
}

/** `NAME[:ro|rw|z]`: whose volumes. */
export function volumesFrom(text: string): string {
  const [name, mode] = splitMode(text);
  const isSaid = mode !== undefined && isMode(mode) && !/nocopy|private|shared|slave|idmap/.test(mode);
  if (name === "") throw new UserError("volumes-from specification cannot be an empty string");
  if (mode !== undefined && !isSaid) throw new UserError(`invalid mode: ${mode}`);
  return text;
}

function splitMode(text: string): [name: string, mode: string | undefined] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

function isMode(text: string): boolean {
  const words = text.split(",");
  const isKnown = words.every((word) => MODES.some((group) => group.includes(word)));
  return isKnown && MODES.every((group) => words.filter((word) => group.includes(word)).length <= 1);
}

/** `.` and `./x` are meant from the working directory; any other path stays as it is. */
function fromHere(path: string): string {
  return path.startsWith(".") ? posix.resolve(path) : posix.normalize(path);
}

// ---- --mount

interface Field {
  key: string;
  value: string;
  text: string;
}

/** What a key of `--mount` does to the mount. */
const MOUNT_KEYS: Record<string, (mount: MountOption, field: Field) => void> = {
  type: (mount, { value }) => {
    mount.type = value.toLowerCase() as MountOption["type"];
  },
  source: (mount, { value }) => {
    mount.source = fromHere(value);
  },
  target: (mount, { value }) => {
    mount.target = posix.normalize(value);
  },
  readonly: (mount, field) => {
    mount.readOnly = truth(field);
  },
  "bind-propagation": (mount, { value }) => {
    mount.propagation = value.toLowerCase();
  },
  "bind-recursive": (mount, field) => {
    mount.nonRecursive = oneOf(field, ["enabled", "disabled"]) === "disabled";
  },
  "bind-create-src": (mount, field) => {
    mount.createSource = truth(field);
  },
  "volume-driver": (mount, { value }) => {
    mount.volume = { ...mount.volume, driver: value };
  },
  "volume-label": (mount, { value }) => {
    mount.volume = { ...mount.volume, labels: { ...mount.volume?.labels, ...pairOf(value) } };
  },
  "volume-nocopy": (mount, field) => {
    mount.volume = { ...mount.volume, noCopy: truth(field) };
  },
  "volume-opt": (mount, { value }) => {
    mount.volume = { ...mount.volume, options: { ...mount.volume?.options, ...pairOf(value) } };
  },
  "volume-subpath": (mount, { value }) => {
    mount.volume = { ...mount.volume, subpath: value };
  },
  "tmpfs-size": (mount, field) => {
    mount.options = [...(mount.options ?? []), `size=${tmpfsSize(field)}`];
  },
  "tmpfs-mode": (mount, { key, value }) => {
    if (!/^[0-7]+$/.test(value)) throw new UserError(`invalid value for ${key}: ${value}`);
    mount.options = [...(mount.options ?? []), `mode=${value}`];
  },
  // Told apart on other systems only.
  consistency: () => {},
};

const SYNONYMS: Record<string, string> = { src: "source", dst: "target", destination: "target", ro: "readonly" };
const BOOLEANS = new Set(["readonly", "bind-create-src", "volume-nocopy"]);

/** `type=bind,source=/host,target=/inside,readonly` */
export function mount(text: string): MountOption {
  if (text.trim() === "") throw new UserError("value is empty");
  const mount: MountOption = { type: "volume", target: "", readOnly: false };
  const fields = splitCsv(text).map(parseField);
  for (const field of fields) MOUNT_KEYS[field.key]!(mount, field);
  for (const field of fields) checkKind(field, mount.type);
  if (mount.target === "") throw new UserError("target is required");
  return mount;
}

function parseField(text: string): Field {
  const [name = "", ...rest] = text.split("=");
  const key = SYNONYMS[name.toLowerCase()] ?? name.toLowerCase();
  const value = rest.length > 0 ? rest.join("=") : BOOLEANS.has(key) ? "true" : undefined;
  if (value === undefined) throw new UserError(`invalid field '${text}' must be a key=value pair`);
  if (!Object.hasOwn(MOUNT_KEYS, key)) throw new UserError(`unknown option '${name}' in '${text}'`);
  if (value === "") throw new UserError(`invalid value for '${name}': value is empty`);
  return { key, value, text };
}

/** Commas separate, except between double quotes. */
function splitCsv(text: string): string[] {
  const fields = text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}

/** `tmpfs-size` says something of a tmpfs only. */
function checkKind({ key }: Field, type: string): void {
  const [kind = ""] = key.split("-");
  if (key.includes("-") && kind !== type) {
    throw new UserError(`cannot mix '${kind}-*' options with mount type '${type}'`);
  }
}

function pairOf(text: string): Record<string, string> {
  const [key, value] = splitPair(text);
  return { [key]: value };
}

function truth({ key, value }: Field): boolean {
  if (/^(1|true)$/.test(value)) return true;
  if (/^(0|false)$/.test(value)) return false;
  const choice = 'must be one of "true", "1", "false", or "0" (default "true")';
  throw new UserError(`invalid value for '${key}': invalid boolean value (${JSON.stringify(value)}): ${choice}`);
}

function oneOf({ key, value }: Field, allowed: string[]): string {
  if (allowed.includes(value)) return value;
  const list = allowed.map((word) => JSON.stringify(word)).join(" or ");
  throw new UserError(`invalid value for ${key}: ${value} (must be ${list})`);
}

function tmpfsSize({ key, value }: Field): number {
  try {
    return bytes(value);
  } catch {
    throw new UserError(`invalid value for ${key}: ${value}`);
  }
}

// ---- --tmpfs and --device

/** `/inside[:option,option]` */
export function tmpfs(text: string): MountOption {
  const colon = text.indexOf(":");
  const target = colon < 0 ? text : text.slice(0, colon);
  const options = colon < 0 ? [] : text.slice(colon + 1).split(",");
  return { type: "tmpfs", target: posix.normalize(target), readOnly: false, options: options.filter(Boolean) };
}

/** `/dev/host[:/dev/inside][:rwm]` */
export function device(text: string): DeviceOption {
  const [source = "", second, third, ...more] = text.split(":");
  if (source === "" || more.length > 0) throw new UserError(`bad format for path: ${text}`);
  if (third !== undefined && !isPermissions(third)) throw new UserError(`bad mode specified: ${third}`);
  const hasTarget = second !== undefined && second !== "" && (third !== undefined || !isPermissions(second));
  const target = hasTarget ? second : source;
  if (!target.startsWith("/")) throw new UserError(`${target} is not an absolute path`);
  const permissions = third ?? (hasTarget ? "rwm" : (second ?? "rwm"));
  return { source: posix.normalize(source), target: posix.normalize(target), permissions };
}

function isPermissions(text: string): boolean {
  return /^[rwm]+$/.test(text) && new Set(text).size === text.length;
}
