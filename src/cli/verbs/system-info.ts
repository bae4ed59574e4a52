// `info`: how many containers, on what machine.

import type { Roots } from "../../10-containers/folders.ts";
import { type SystemFacts, systemFacts } from "../../10-containers/look/facts.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { packageVersion } from "../package-version.ts";
import { formatObject } from "../show/format-object.ts";
import { memorySize } from "../show/units.ts";

interface Asked {
  format?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["-f, --format", "string", "'json' or a Go template", setters<Asked>().one("format", (text) => text)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  if (readCommand({ name: "info", flags: FLAGS, asked }, argv) === undefined) return 0;
  const facts = await systemFacts(roots, packageVersion());
  process.stdout.write(formatObject(asked.format, facts, () => text(facts)));
  process.stderr.write(asked.format ? "" : facts.Warnings.map((warning) => `${warning}\n`).join(""));
  return 0;
}

function text(facts: SystemFacts): string {
  return `Containers: ${facts.Containers}
 Running: ${facts.ContainersRunning}
 Paused: ${facts.ContainersPaused}
 Stopped: ${facts.ContainersStopped}
Images: ${facts.Images}
Server Version: ${facts.ServerVersion}
Storage Driver: ${facts.Driver}
${facts.DriverStatus.map(([name, value]) => ` ${name}: ${value}`).join("\n")}
Logging Driver: ${facts.LoggingDriver}
Cgroup Driver: ${facts.CgroupDriver}
Cgroup Version: ${facts.CgroupVersion}
Security Options:
${facts.SecurityOptions.map((option) => `  ${option.replace("name=", "").replace(",profile=", "\n   Profile: ")}`).join("\n")}
Kernel Version: ${facts.KernelVersion}
Operating System: ${facts.OperatingSystem}
OSType: ${facts.OSType}
Architecture: ${facts.Architecture}
CPUs: ${facts.NCPU}
Total Memory: ${memorySize(facts.MemTotal)}
Name: ${facts.Name}
Docker Root Dir: ${facts.DockerRootDir}
State Dir: ${facts.StateDir}
`;
}
