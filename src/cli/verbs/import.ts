// `import`: an archive of files becomes an image.

import { UserError } from "../../01-syscalls/index.ts";
import { fullName, parseReference } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { importImage } from "../../10-containers/images.ts";
import { changedConfig } from "../../12-build/change.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";

interface Asked extends PlatformAsked {
  changes: string[];
  message?: string;
}

const imports = setters<Asked>();
const text = (given: string): string => given;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-c, --change", "list", "Apply Dockerfile instruction to the created image", imports.many("changes", text)],
    ["-m, --message", "string", "Set commit message for imported image", imports.one("message", text)],
    platformFlag("The machine the image is for"),
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { changes: [] };
  const operands = ["<file|->", "[repository[:tag]]"];
  const words = readCommand({ name: "import", operands, flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const [source = "", repository] = words;
  const { message, platform, changes } = asked;
  const name = repository && fullName(parseReference(repository));
  const defaults = await changedConfig({}, changes);
  const id = await importImage(roots, inputOf(source), { name, message, platform, defaults });
  process.stdout.write(`${id}\n`);
  return 0;
}

function inputOf(source: string): string | NodeJS.ReadStream {
  if (/^https?:\/\//.test(source)) {
    throw new UserError("importing from a URL is not supported", { hint: `curl -L ${source} | mini-docker import -` });
  }
  return source === "-" ? process.stdin : source;
}
