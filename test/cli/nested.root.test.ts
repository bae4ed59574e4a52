// The engine in a container of its own: with users that are nobody's on the host, it makes containers in there.

import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const PROJECT = join(dirname(PROGRAM), "..");

/** What the engine needs of the host, and folders for it to keep things in. */
const FLAGS = [
  ...["--userns", "auto", "--privileged", "-v", `${PROJECT}:/project:ro`],
  ...["/usr", "/lib", "/lib64"].flatMap((path) => ["-v", `${path}:${path}:ro`]),
  ...["/var/lib/mini-docker", "/run/mini-docker"].flatMap((path) => ["--tmpfs", `${path}:mode=700`]),
  ...["--tmpfs", "/tmp"],
];

test("runs, enters, compares, copies into and stops containers, and is content", needs("userns"), () => {
  const engine = "$(command -v node) /project/dist/mini-docker.js";
  const script = `
    PATH=/usr/local/bin:/usr/bin:/bin; md="${engine}"; echo one > /tmp/f
    $md run -d --name inner base sh -c 'rm -r /home; mkdir /home; touch /home/new; sleep 1000' > /dev/null
    while ! $md exec inner test -e /home/new; do :; done
    $md exec inner sh -c 'id -u; echo > /dev/null && echo device'
    $md diff inner
    $md cp /tmp/f inner:/f && $md exec inner cat /f
    $md rm -f inner
    $md run --rm --userns auto base true || true
    $md doctor | tail -1`;
  const { stdout, stderr } = md.call("run", "--rm", ...FLAGS, "base", "sh", "-c", script);
  expect(stdout.split("\n")).toEqual([
    ...["0", "device", "C /home", "A /home/new", "one", "inner", "Containers run on this machine.", ""],
  ]);
  expect(stderr).toContain("only the machine's root can give a container users of its own");
});
