// `inspect`: all that is known of containers, images and volumes.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type Flag, type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { type InspectLook, inspectObjects, type ObjectType } from "../show/inspect-objects.ts";

const inspect = setters<InspectLook>();

export const FORMAT: Flag<InspectLook> = [
  "-f, --format",
  "string",
  "'json' or a Go template",
  inspect.one("format", (text) => text),
];

export const SIZE: Flag<InspectLook> = [
  "-s, --size",
  "",
  "Display total file sizes if the type is container",
  inspect.one("size", boolean),
];

const TYPE: Flag<InspectLook> = [
  "--type",
  "string",
  'Only inspect objects of the given type: "container", "image" or "volume"',
  inspect.one("type", (text) => text as ObjectType),
];

const FLAGS: FlagGroup<InspectLook>[] = [["Options:", FORMAT, SIZE, TYPE]];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: InspectLook = { size: false };
  const names = readCommand({ name: "inspect", operands: ["<name|id...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  if (asked.type !== undefined && !["container", "image", "volume"].includes(asked.type)) {
    throw new UserError(`unknown type: ${JSON.stringify(asked.type)}: must be one of "container", "image", "volume"`);
  }
  return inspectObjects(roots, names, asked);
}
