// `version`: of the program, and of what it runs on. There is no server to ask: client and engine are one.

import { release } from "node:os";
import { hostPlatform } from "../../06-images/index.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { packageVersion } from "../package-version.ts";
import { formatObject } from "../show/format-object.ts";

interface Asked {
  format?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["-f, --format", "string", "'json' or a Go template", setters<Asked>().one("format", (text) => text)]],
];

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = {};
  if (readCommand({ name: "version", flags: FLAGS, asked }, argv) === undefined) return 0;
  const common = { Version: packageVersion(), Os: "linux", Arch: hostPlatform().architecture };
  const versions = {
    Client: { ...common, NodeVersion: process.version },
    Server: { ...common, KernelVersion: release() },
  };
  process.stdout.write(formatObject(asked.format, versions, () => text(versions)));
  return 0;
}

interface Versions {
  Client: { Version: string; Os: string; Arch: string; NodeVersion: string };
  Server: { KernelVersion: string };
}

function text({ Client, Server }: Versions): string {
  return `mini-docker:
 Version:           ${Client.Version}
 Node version:      ${Client.NodeVersion}
 OS/Arch:           ${Client.Os}/${Client.Arch}
 Kernel:            ${Server.KernelVersion}
`;
}
