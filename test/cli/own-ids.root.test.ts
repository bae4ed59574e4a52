// An ordinary user to whom root has given ids, in a mount namespace where the files say so.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identify } from "../../src/10-containers/identity.ts";
import { PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const ID = 2000;
const FIRST = 700_000;

const NEEDS = needs("program:newuidmap", "program:setpriv", "speed");

// Each command is Node twice, one after the other.
describe("with ids in /etc/subuid", { ...NEEDS, timeout: 180_000 }, () => {
  let folder: string;

  // Not before: who leaves these tests out calls no afterAll either.
  beforeAll(() => {
    folder = mkdtempSync("/var/tmp/ids-");
    // Everybody may pass through it.
    chmodSync(folder, 0o755);
    for (const name of ["home", "run"]) {
      mkdirSync(join(folder, name), { mode: 0o700 });
      chownSync(join(folder, name), ID, ID);
    }
    writeFileSync(join(folder, "subids"), `somebody:${FIRST}:65536\n`);
    writeFileSync(join(folder, "passwd"), `${readFileSync("/etc/passwd", "utf8")}somebody:x:${ID}:${ID}::/:/bin/sh\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a shell of the user's prints, in which `md` is our command. */
  function asUser(script: string, first = ""): string {
    const settle = `${first}\n${SETTLE}`;
    const words = ["unshare", "-m", "--propagation", "private", "sh", "-ec", settle, "sh", folder, `${MD}\n${script}`];
    const { stdout, stderr, status } = spawnSync("setsid", ["-w", ...words], { encoding: "utf8" });
    if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
    return stdout.trim();
  }

  const MD = `md() { node -- ${PROGRAM} "$@"; }`;
  const SETTLE = `
    for each in subuid subgid; do touch /etc/$each; mount --bind $1/subids /etc/$each; done
    mount --bind $1/passwd /etc/passwd
    export HOME=$1/home XDG_RUNTIME_DIR=$1/run
    unset XDG_DATA_HOME XDG_CONFIG_HOME
    cd $1/home
    exec setpriv --reuid ${ID} --regid ${ID} --clear-groups sh -ec "$2"`;

  test("what a container may do is told as it is outside", () => {
    const printed = asUser(`
      md run -d --name one --user 33 base sleep 1000 > /dev/null
      md security one
      md rm -f one`);
    expect(printed).toContain(`user 33 in there, user ${FIRST + 32} on the host`);
    expect(printed).toMatch(/namespaces +own: .* user$/m);
    expect(printed).toMatch(/devices +6 that are nobody's$/m);
    expect(printed).toMatch(/settings +the machine's can be read, and not be set$/m);
  });

  test("files of a container have owners, who outside are the ids that were given", () => {
    const printed = asUser(`
      md run --name one base sh -c 'cat /proc/self/uid_map; touch /f; chown 7:8 /f; stat -c %u:%g /f /root'
      md run --rm --user 33 -v $HOME:/home base sh -c 'id -u; stat -c %u /home; touch /home/x 2>&1' || echo failed
      stat -c %u:%g .local/share/mini-docker/containers/*/upper/f
      md rm one; md ps -aq`);
    const lines = printed.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
    expect(lines).toEqual([
      `0 ${ID} 1`,
      `1 ${FIRST} 65536`,
      "7:8",
      "0:0",
      "33",
      "0",
      "touch: /home/x: Permission denied",
      "failed",
      `${FIRST + 6}:${FIRST + 7}`,
      expect.stringMatching(/^one$/),
    ]);
  });

  test("who comes later gets to what runs, and with the last of them all is gone", () => {
    const printed = asUser(`
      md run -d --name one base sleep 1000 > /dev/null
      md exec --user 5:6 one id -u; md exec one test --help
      md run --rm base readlink /proc/self/ns/user; md exec one readlink /proc/self/ns/user
      echo file > f; md cp f one:/f; md diff one
      md rm -f one`);
    const [user, ns, sameNs, ...diff] = printed.split("\n");
    expect(user).toBe("5");
    expect(sameNs).toBe(ns);
    expect(diff).toEqual(["A /f", "one"]);
  });

  test("it is the very process that a shell has started, and hears what that is told", () => {
    const printed = asUser(`
      rm -f up; md() { exec node -- ${PROGRAM} "$@"; }
      md run --rm --init base sh -c 'trap "exit 9" TERM; echo up; sleep 1000 & wait' > up & it=$!
      until grep -q up up; do sleep 0.05; done
      wc -l < /proc/$it/uid_map
      kill -TERM $it; wait $it || echo "ended with $?"`);
    expect(printed.split("\n")).toEqual(["2", "ended with 9"]);
  });

  test("many at once are in one namespace", () => {
    const printed = asUser(`
      for n in 1 2 3 4 5 6; do md run -d --name c$n base sleep 1000 > /dev/null & done; wait
      for n in 1 2 3 4 5 6; do md exec c$n readlink /proc/self/ns/user; done | sort | uniq -c
      md rm -f c1 c2 c3 c4 c5 c6 > /dev/null`);
    expect(printed.split("\n").at(-1)).toMatch(/^ *6 user:\[\d+\]$/);
  });

  test("where the map can't be written one id has to do, and nobody waits for anybody", () => {
    const helper = spawnSync("sh", ["-c", "command -v newuidmap"], { encoding: "utf8" }).stdout.trim();
    const printed = asUser(
      `
      rm -f up said
      node -- ${PROGRAM} run --rm --init base sh -c 'wc -l < /proc/self/uid_map; echo up; exec sleep 1000' > up 2> said & it=$!
      until grep -q up up; do sleep 0.05; done
      cat said up
      md run --rm base echo beside 2> /dev/null
      kill $it; wait $it || md run --rm base echo later 2> /dev/null`,
      `mount --bind /bin/false ${helper}`,
    );
    expect(printed.split("\n")).toEqual([
      "WARNING: one id has to do: newuidmap ended with 1",
      "1",
      "up",
      "beside",
      "later",
    ]);
  });

  test("one on record whose namespace can't be opened, since it has just ended, is passed over", () => {
    // Root's, so it can't be opened at all.
    writeFileSync(join(folder, "run/mini-docker/inside.json"), JSON.stringify([identify(process.pid)]));
    expect(asUser("md run --rm base cat /proc/self/uid_map")).toContain(String(FIRST));
  });

  test("an image is built, and its files keep their owners", () => {
    const printed = asUser(`
      mkdir context; cd context
      printf 'FROM base\\nRUN touch /a && chown 12:13 /a\\nCOPY --chown=14:15 Dockerfile /b\\nUSER 12\\n' > Dockerfile
      md build -q -t built . > /dev/null
      md run --rm built sh -c 'id -u; stat -c %u:%g /a /b'
      md rmi -f built > /dev/null; ls $HOME/.local/share/mini-docker`);
    expect(printed.split("\n").slice(0, 3)).toEqual(["12", "12:13", "14:15"]);
    expect(readdirSync(join(folder, "home/.local/share/mini-docker/tmp"))).toEqual([]);
  });
});
