// `commit`: an image of what a container has become.

import { fullName, parseReference } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { commitContainer } from "../../12-build/commit.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { interruptible } from "../interrupt.ts";
import { writeAll } from "../output.ts";

interface Asked {
  author?: string;
  changes: string[];
  message?: string;
  pause: boolean;
}

const commit = setters<Asked>();
const text = (given: string): string => given;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --author", "string", "Who made the image", commit.one("author", text)],
    ["-c, --change", "list", "Apply Dockerfile instruction to the created image", commit.many("changes", text)],
    ["-m, --message", "string", "Commit message", commit.one("message", text)],
    ["-p, --pause", "", "Pause container during commit (default true)", commit.one("pause", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { changes: [], pause: true };
  const operands = ["<container>", "[repository[:tag]]"];
  const words = readCommand({ name: "commit", operands, flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const [container = "", repository] = words;
  const { author, message, changes, pause } = asked;
  const name = repository && fullName(parseReference(repository));
  // What was paused goes on, whoever loses patience.
  return interruptible(async () => {
    writeAll(1, `${await commitContainer(roots, { container, name, author, message, changes, pause })}\n`);
    return 0;
  });
}
