// The lab of an ordinary user: root in there is nobody but that user, and can't change what is lent to it.

import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { closeLab, type Lab, type LabWish, openLab, resetLab } from "../../src/course/lab.ts";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";

async function labForTest(wish: LabWish = {}) {
  const roots = temporaryRoots();
  onTestFinished(() => closeLab(roots, wish));
  return { roots, lab: await openLab(roots, wish) };
}

function workshop(): string {
  const folder = mkdtempSync(join(tmpdir(), "workshop-"));
  writeFileSync(join(folder, "mine.ts"), "export const mine = 1;\n");
  return folder;
}

const sh = async (lab: Lab, script: string) => (await lab.run(["sh", "-c", script])).output;

describe("an ordinary user's lab", needs("user"), () => {
  test("has one user, who is root there and the user here; and this engine, with an image", async () => {
    const { lab } = await labForTest();
    expect(await sh(lab, "id -u; hostname; cat /proc/self/uid_map")).toMatch(/^0\nlab\n +0 +\d+ +1\n$/);
    expect(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${lab.pid}/status`, "utf8"))![1]).toBe(String(process.getuid!()));
    expect(await sh(lab, "mini-docker run --rm base echo works")).toBe("works\n");
  });

  test("reads what only the user may, and changes nothing of it, whatever its root does with the mounts", async () => {
    const folder = workshop();
    chmodSync(join(folder, "mine.ts"), 0o600);
    const { roots, lab } = await labForTest({ workshop: folder });
    expect(await sh(lab, `cat ${folder}/mine.ts`)).toBe("export const mine = 1;\n");
    const places = [folder, dirname(dirname(PROGRAM))];
    for (const place of places) {
      await sh(
        lab,
        `mount -o remount,bind,rw ${place}; mount --bind ${place} /mnt; mount -o remount,bind,rw /mnt
        touch ${place}/made-in-lab /mnt/made-in-lab; rm -f ${place}/mine.ts /mnt/mine.ts; umount /mnt`,
      );
    }
    await sh(lab, `unshare -m -U -r sh -c 'mount -o remount,bind,rw ${folder}; touch ${folder}/made-in-lab'`);
    expect(places.map((place) => existsSync(join(place, "made-in-lab")))).toEqual([false, false]);
    expect(readFileSync(join(folder, "mine.ts"), "utf8")).toBe("export const mine = 1;\n");
    expect(await sh(lab, `ls -d ${roots.root} ${process.env.HOME} 2>&1 | grep -c 'No such'`)).toBe("2\n");
  });

  test("is removed from the inside, and comes back in a moment", { timeout: 120_000 }, async () => {
    const wish = { workshop: workshop() };
    const { roots, lab } = await labForTest(wish);
    await sh(lab, "kill -9 -1; true").catch(() => {});
    const shell = await lab.exec(["/bin/sh", "-c", "rm -rf --no-preserve-root /"]);
    await shell.ended;
    expect(readFileSync(join(wish.workshop, "mine.ts"), "utf8")).toBe("export const mine = 1;\n");
    const fresh = await resetLab(roots, wish);
    expect(await sh(fresh, "echo works")).toBe("works\n");
  });

  test("has no more processes than it was given", { timeout: 120_000 }, async () => {
    const { lab } = await labForTest();
    const forked = "i=0; while [ $i -lt 800 ]; do sleep 20 & i=$((i+1)); done 2>&1";
    expect(await sh(lab, `(${forked}) | tail -1`)).toMatch(/fork|Resource/);
  });
});

describe("run --with, as an ordinary user", needs("user"), () => {
  const md = cliForTests();

  test("runs the module in a lab", () => {
    const folder = mkdtempSync(join(tmpdir(), "workshop-"));
    const module = join(folder, "mine.ts");
    writeFileSync(
      module,
      `import { existsSync } from "node:fs";
       import { hostname } from "node:os";
       console.log(hostname(), existsSync("${md.root}"));
       export const hostnameSteps = () => [{ call: "sethostname", args: ["mine", 4], why: "mine" }];`,
      { mode: 0o600 },
    );
    expect(md.ok("run", "--rm", "--with", `03=${module}`, "base", "hostname")).toBe("lab false\nmine");
    expect(md.ok("ps", "-aq")).toBe("");
  });
});
