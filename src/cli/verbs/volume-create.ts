// `volume create`: a volume, of a name or of none. One that is there already stays as it is.

import type { Roots } from "../../10-containers/folders.ts";
import { createVolume } from "../../10-containers/volumes/volumes.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { label, splitPair } from "../flags/key-values.ts";

interface Asked {
  driver: string;
  labels: [key: string, value: string][];
  options: [key: string, value: string][];
}

const volume = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-d, --driver", "string", 'Volume driver: "local" is the only one', volume.one("driver", (text) => text)],
    ["--label", "list", "Set metadata for a volume", volume.many("labels", label)],
    ["-o, --opt", "map", "Set driver specific options (type, device, o)", volume.many("options", splitPair)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { driver: "local", labels: [], options: [] };
  const summary = "Create a volume";
  const words = readCommand({ name: "volume create", operands: ["[volume]"], flags: FLAGS, asked, summary }, argv);
  if (words === undefined) return 0;
  const [name] = words;
  const [labels, options] = [Object.fromEntries(asked.labels), Object.fromEntries(asked.options)];
  const made = createVolume(roots, { labels, options, ...(name !== undefined && { name }) }, asked.driver);
  process.stdout.write(`${made.name}\n`);
  return 0;
}
