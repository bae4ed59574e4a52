// Who enters a container brings something along: his program, his memory, descriptors, a working directory, capabilities.

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "../../../01-syscalls/index.ts";
import { type Attack, escaped, held, NotPerformed, verdictOn } from "../attack.ts";
import { ATTACKER, armed, type Ground, SECRET } from "../ground.ts";
import { descriptorsOf, parentOf } from "../proc.ts";
import { printed, whileStanding } from "../target.ts";

/** In the container somebody waits for who enters it; what he says he got. */
function waitFor(ground: Ground, attack: "overwrite" | "trace"): Promise<string[]> {
  // Somebody may come in while the attacker looks elsewhere.
  const MOST = 20;
  const wish = { flags: armed(), command: [ATTACKER, attack, "600", "attacker", "true"] };
  return whileStanding(ground.target, wish, async (standing) => {
    for (let entered = 1; entered <= MOST; entered++) {
      await standing.exec(["true"]);
      const output = entered < ground.tries(1) ? "" : await standing.output();
      if (output !== "") return output.trim().split("\n");
    }
    throw new NotPerformed(`of ${MOST} who came in, none was seen`);
  });
}

export const overwriteTheRuntime: Attack = {
  name: "overwrite the program that enters",
  cve: ["CVE-2019-5736"],
  async perform(ground) {
    const program = ground.target.isEngine ? programPath("launcher") : ground.target.program;
    const digest = () => createHash("sha256").update(readFileSync(program)).digest("hex");
    const before = digest();
    await runItAgain(ground);
    const got = await waitFor(ground, "overwrite");
    if (digest() !== before) return escaped("the program on the host has changed");
    return verdictOn(
      got.filter((line) => line.includes("written to")),
      { escaped: "of who came in", held: `who came in was seen, and the attacker ${got.join(", ")}` },
    );
  },
};

/** The first to do it had the runtime run itself once more, in there: as the command, and as what interprets a script. */
async function runItAgain(ground: Ground): Promise<void> {
  const folder = ground.hostFolder();
  writeFileSync(join(folder, "script"), "#!/proc/self/exe\n", { mode: 0o755 });
  const flags = ["-v", `${folder}:/v`];
  await ground.target.run({ flags, command: ["/proc/self/exe"] });
  await whileStanding(ground.target, { flags, command: ["sleep", "1000"] }, (standing) => standing.exec(["/v/script"]));
}

export const traceWhoEnters: Attack = {
  name: "look into who enters, and take him over",
  cve: ["CVE-2016-9962"],
  async perform(ground) {
    const got = await waitFor(ground, "trace");
    return verdictOn(
      got.filter((line) => line !== "got nothing"),
      {
        escaped: "the attacker",
        held: "who came in was seen: no memory, no descriptor, no program of his could be had",
      },
    );
  },
};

/** Numbers that such a descriptor has had; more are tried if more tries are asked for. */
const NUMBERS = [7, 3, 8, 9, 4, 5, 6, 10, 11, 12];

export const leakedDescriptors: Attack = {
  name: "go where a descriptor of the runtime's leads",
  cve: ["CVE-2024-21626"],
  async perform(ground) {
    const secret = join(ground.hostFolder(), "secret");
    const [root, file] = [openSync("/", "r"), openSync(secret, "r+")];
    // From 3 to 12.
    const open = Array.from({ length: 10 }, (_, index) => (index % 2 ? file : root));
    try {
      const got = await seenThrough(ground, open, secret);
      const tried = NUMBERS.slice(0, ground.tries(1));
      for (const number of tried) {
        const place = `/proc/self/fd/${number}`;
        const wish = { flags: ["-w", place], command: ["cat", `.${secret}`], open };
        const { stdout } = await ground.target.run(wish);
        if (stdout.includes(SECRET)) got.push(`the working directory ${place}`);
      }
      return verdictOn(got, {
        escaped: "the host's files were read through",
        held: `started with ${open.length} open files of the host's, it let through none, and ${tried.map((n) => `/proc/self/fd/${n}`).join(", ")} is no working directory and no way to a program`,
      });
    } finally {
      for (const fd of [root, file]) closeSync(fd);
    }
  },
};

/** What a container that was started and entered with these descriptors has got of them, and what the monitor has. */
function seenThrough(ground: Ground, open: number[], secret: string): Promise<string[]> {
  const list = "for f in /proc/self/fd/* /proc/1/fd/*; do readlink $f; done; echo done";
  const isHosts = (name: string) => name === "/" || name.includes("secret");
  const command = ["sh", "-c", `${list}; exec sleep 1000`];
  return whileStanding(ground.target, { flags: armed(), command, open }, async (standing) => {
    const first = (await printed(standing, /^done$/m)).split("\n");
    const later = (await standing.exec(["sh", "-c", list], { open })).stdout.split("\n");
    const watcher = parentOf(await standing.pid());
    const held = ground.target.isEngine ? descriptorsOf(watcher) : [];
    const got = [
      ...first.filter(isHosts).map((name) => `a descriptor of the first process: ${name}`),
      ...later.filter(isHosts).map((name) => `a descriptor of who entered: ${name}`),
      ...held.filter(isHosts).map((name) => `a descriptor of the monitor: ${name}`),
    ];
    for (const number of NUMBERS.slice(0, ground.tries(1))) {
      const place = `/proc/self/fd/${number}`;
      const read = await standing.exec(["cat", `.${secret}`], { open, workdir: place });
      if (read.stdout.includes(SECRET)) got.push(`the working directory ${place}`);
      const ran = await standing.exec([`${place}${programPath("attacker")}`, "call", "9999"], { open });
      if (ran.stdout.includes("-")) got.push(`a program below ${place}`);
    }
    return got;
  });
}

export const workdirOfAnImage: Attack = {
  name: "the same, by an image's working directory",
  cve: ["CVE-2024-21626"],
  async perform(ground) {
    const secret = join(ground.hostFolder(), "secret");
    const root = openSync("/", "r");
    try {
      const image = await ground.image([], { WorkingDir: "/proc/self/fd/7" });
      const command = ["cat", `.${secret}`];
      const { code, stdout } = await ground.target.run({ image, command, open: Array(10).fill(root) });
      return stdout.includes(SECRET)
        ? escaped("the host's files were read through it")
        : held(`it was ${code === 0 ? "not gone to" : "refused"}`);
    } finally {
      closeSync(root);
    }
  },
};

export const inheritCapabilities: Attack = {
  name: "inherit capabilities through a program's file",
  cve: ["CVE-2022-24769", "CVE-2022-29162"],
  perform(ground) {
    const look = "grep CapInh /proc/self/status";
    return whileStanding(ground.target, { command: ["sh", "-c", `${look}; exec sleep 1000`] }, async (standing) => {
      const sets = {
        "the first process": await printed(standing, /CapInh/),
        "who enters": (await standing.exec(["sh", "-c", look])).stdout,
        "an ordinary user who enters": (await standing.exec(["sh", "-c", look], { user: "1000" })).stdout,
      };
      const entries = Object.entries(sets);
      if (entries.some(([, text]) => !text.includes("CapInh"))) throw new NotPerformed("nobody said what he inherits");
      const got = entries.filter(([, text]) => !/CapInh:\s*0+\s*$/.test(text)).map(([who]) => who);
      return verdictOn(got, {
        escaped: "inheritable sets aren't empty of",
        held: "all three inheritable sets are empty",
      });
    });
  },
};
