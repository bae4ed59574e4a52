// What `mini-docker-oci --help` says.

import { OCI_VERBS } from "./verbs.ts";

export function ociHelp(): string {
  const width = Math.max(...Object.keys(OCI_VERBS).map((name) => name.length));
  const verbs = Object.entries(OCI_VERBS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage:  mini-docker-oci [OPTIONS] COMMAND

An OCI runtime: runs bundles for podman, containerd, docker and for people.

Options:
      --root dir           Where containers are kept (/run/mini-docker-oci)
      --log file           Write errors there, too
      --log-format string  text or json
      --systemd-cgroup     Refused: groups are made by this program, not by systemd
  -v, --version            Print version information and quit

Commands:
${verbs.join("\n")}

Run 'mini-docker-oci COMMAND --help' for more information on a command.
`;
}
