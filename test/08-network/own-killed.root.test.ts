// An ordinary user's networks are in a host of his own (own-host.ts). Whoever of his commands is killed, wherever, leaves nothing there,
// nor of that host, which the next command doesn't take away.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../support/needs.ts";
import { makeOrdinaryUser, type OrdinaryUser } from "./ordinary-user.ts";

const NEEDS = needs("root", "speed", "tun", "program:nft", "program:nsenter", "program:setpriv", "program:slirp4netns");
const OWN = { ids: "many" } as const;

/** A command, by some of its words, and before which of its changes of files it is killed. */
interface Killed {
  who: string;
  every: number;
}

describe("a command on an ordinary user's networks", { ...NEEDS, timeout: 120_000 }, () => {
  let user: OrdinaryUser;
  const root = () => join(user.folder, "home/.local/share/mini-docker");
  const md = (script: string) => user.call(script, OWN);

  beforeAll(() => {
    user = makeOrdinaryUser("10.0.2.3");
    copyFileSync(join(import.meta.dirname, "../fixtures/die-in-command.cjs"), join(user.folder, "die.cjs"));
    md("md network create --subnet 172.17.0.0/16 front; md network create --subnet 172.18.0.0/16 back");
  });
  afterAll(() => {
    expect(md("md network rm front back").stderr).toBe("");
    expect(user.processes()).toEqual([]);
    user.close();
  });

  /** All that there is of networks: on disk, in that host, at the port, and who runs. Who has ended takes a moment to go. */
  function left(running: number): string {
    const deadline = Date.now() + 5_000;
    while (user.processes().length !== running && Date.now() < deadline);
    const folders = ["front", "back"].flatMap((network) => ["leases", "ports"].map((kind) => `${network}/${kind}`));
    const names = folders.flatMap((folder) => namesIn(join(root(), "networks", folder)));
    const host = existsSync(join(user.folder, "run/mini-docker/own-host"));
    return [...names, `host: ${host}`, ...inHost(), `processes: ${user.processes().length}`].join("\n");
  }

  function inHost(): string[] {
    const files = namesIn(join(root(), "containers")).map((id) => join(root(), "containers", id, "state.json"));
    const states = files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, "utf8")));
    const { monitor, ownHost } = states.find((state) => state.ownHost !== undefined) ?? {};
    if (monitor === undefined) return [];
    const there = (...words: string[]) =>
      execFileSync("nsenter", [`--net=/proc/${monitor.pid}/fd/${ownHost}`, ...words], { encoding: "utf8" });
    const links = there("ip", "-o", "link").match(/(?<=^\d+: )[^:@]+/gm) ?? [];
    const rules = there("nft", "list", "ruleset")
      .split("\n")
      .filter((line) => !line.includes("comment"));
    return [...links, ...rules].sort();
  }

  /**
   * Carries a script out whose process that `who` matches is killed before its first change of a file, and again before each `every`th
   * after that, until it survives. Returns how often it was killed.
   */
  function killAtEach(script: string, { who, every }: Killed, afterwards: (at: string) => void): number {
    const note = join(user.folder, "home/survived");
    for (let index = 1, times = 0; index < 400; index += every, times++) {
      const variables = `NODE_OPTIONS="--require ${user.folder}/die.cjs" DIE_IN="${who}" DIE_AT=${index} DIE_COUNT=${note}`;
      md(`rm -f ${note}; export ${variables}; ${script}`);
      if (existsSync(note)) return times;
      afterwards(`${who}, change ${index}`);
    }
    throw new Error(`${who} never survives`);
  }

  const CREATE = "md create --name victim --network front -p 8060:60 base sleep 1000";

  describe.each(["alone", "beside another container"])("%s there", (where) => {
    const running = where === "alone" ? 0 : 4;
    let before: string;
    beforeAll(() => {
      if (running > 0) md("md run -d --name other --network front -p 8070:70 base sleep 1000");
      before = left(running);
      md(CREATE);
    });
    afterAll(() => void md("md rm -f victim other"));

    test.each([
      { who: " start victim", every: 9 },
      { who: "own-host lay", every: 7 },
    ])("that starts: $who", (killed) => {
      const times = killAtEach("md start victim", killed, (at) => {
        // Who was killed after its last word to the container leaves one that runs.
        expect(md("md ps > /dev/null; md stop -t 0 victim").status, at).toBe(0);
        expect(left(running), at).toBe(before);
      });
      expect(times).toBeGreaterThan(1);
      expect(md("md ps -q --filter name=victim").lines[0]).not.toBe("");
      md("md stop -t 0 victim");
      expect(left(running)).toBe(before);
    });

    test("that ends", () => {
      const killed = { who: " stop -t 0 victim", every: 10 };
      const times = killAtEach("md start victim; md stop -t 0 victim", killed, (at) => {
        expect(md("md ps --format {{.Names}}; md stop -t 0 victim").status, at).toBe(0);
        expect(left(running), at).toBe(before);
      });
      expect(times).toBeGreaterThan(1);
      expect(left(running)).toBe(before);
    });
  });

  describe("that plugs in and pulls out", () => {
    const running = 4;
    let before: string;
    beforeAll(() => {
      md(`${CREATE}; md start victim`);
      before = left(running);
    });
    afterAll(() => void md("md rm -f victim"));

    test.each([
      { who: "network connect", every: 8 },
      { who: "own-host lay", every: 6 },
    ])("plugs in: $who", (killed) => {
      const times = killAtEach("md network connect back victim", killed, (at) => {
        const again = md("md network connect back victim");
        if (again.status !== 0) expect(again.stderr, at).toContain("already exists in network back");
        const { stderr, lines } = md("md exec victim ls /sys/class/net; md network disconnect back victim");
        expect([stderr, lines], at).toEqual(["", ["eth0", "eth1", "lo"]]);
        expect(left(running), at).toBe(before);
      });
      expect(times).toBeGreaterThan(1);
      md("md network disconnect back victim");
      expect(left(running)).toBe(before);
    });

    test.each([
      { who: "network disconnect", every: 8 },
      { who: "own-host release", every: 8 },
    ])("pulls out: $who", (killed) => {
      md("md network connect back victim");
      const times = killAtEach("md network disconnect back victim", killed, (at) => {
        const again = md("md network disconnect back victim");
        if (again.status !== 0) expect(again.stderr, at).toContain("is not connected to network back");
        expect(left(running), at).toBe(before);
        expect(md("md exec victim ls /sys/class/net; md network connect back victim").lines, at).toEqual([
          "eth0",
          "lo",
        ]);
      });
      expect(times).toBeGreaterThan(1);
      expect(left(running)).toBe(before);
    });
  });
});

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
