// The lab: a student is root in there, comes back to it, and throws it away.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { closeLab, findLab, type Lab, type LabWish, openLab, resetLab } from "../../src/course/lab.ts";
import { PROGRAM } from "../support/cli.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";

async function labForTest(wish: LabWish = {}) {
  const roots = temporaryRoots();
  const lab = await openLab(roots, wish);
  onTestFinished(() => closeLab(roots, wish));
  return { roots, lab };
}

function workshop(): string {
  const folder = mkdtempSync(join(tmpdir(), "workshop-"));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "mine.ts"), "export const mine = 1;\n");
  return folder;
}

const sh = async (lab: Lab, script: string) => (await lab.run(["sh", "-c", script])).output;

describe("a lab", needs("userns"), () => {
  test("is a machine of its own, whose root is nobody's on this one", async () => {
    const { lab } = await labForTest();
    expect(await sh(lab, "id -u; hostname; pwd; cat /proc/1/comm")).toBe("0\nlab\n/root\nmini-docker-ini\n");
    expect(await sh(lab, "cat /proc/self/uid_map")).toMatch(/^ +0 +\d{9} +65536\n$/);
  });

  test("runs programs with what is asked for, and says how they ended", async () => {
    const { lab } = await labForTest();
    const said = await lab.run(["sh", "-c", 'cat; pwd; echo "$A"; echo bad >&2; exit 7'], {
      input: "typed\n",
      cwd: "/tmp",
      env: { A: "b c" },
    });
    expect(said).toEqual({ exitCode: 7, output: "typed\n/tmp\nb c\nbad\n" });
    expect(await lab.run(["sh", "-c", "kill -9 $$"])).toEqual({ exitCode: 137, output: "" });
    await expect(lab.run(["/nosuch"])).rejects.toThrow("/nosuch");
  });

  test("lends a terminal, with a process to be looked at from outside", async () => {
    const { lab } = await labForTest();
    let screen = "";
    const shell = await lab.exec(["sh"], {
      tty: { rows: 24, columns: 80 },
      stdout: (bytes) => {
        screen += bytes;
      },
    });
    expect(existsSync(`/proc/${shell.pid}/root/bin/mini-docker`)).toBe(true);
    shell.resize(30, 100);
    shell.write("stty size; exit 3\r");
    expect(await shell.ended).toBe(3);
    expect(screen).toContain("30 100");
    expect(screen).toContain("lab# ");
  });

  test("has this engine in it, and an image to run", async () => {
    const { lab } = await labForTest();
    expect(await sh(lab, "mini-docker run --rm base sh -c 'hostname; ps | wc -l'")).toMatch(/^[0-9a-f]{12}\n\s*\d\n$/);
  });

  test("is come back to, until it is reset", async () => {
    const wish = { workshop: workshop() };
    const { roots, lab } = await labForTest(wish);
    await sh(lab, "touch /root/kept /etc/kept");
    const again = await openLab(roots, wish);
    expect([again.pid, await sh(again, "ls /root /etc/kept")]).toEqual([lab.pid, "/etc/kept\n\n/root:\nkept\n"]);

    const fresh = await resetLab(roots, wish);
    expect([fresh.name, await sh(fresh, "ls /root; ls /etc/kept 2>&1 | wc -l")]).toEqual([lab.name, "1\n"]);
    await fresh.close();
    expect(await findLab(roots, wish)).toBeUndefined();
  });

  test("of two who open it at once both get the same, and each workshop has its own", async () => {
    const wish = { workshop: workshop() };
    const roots = temporaryRoots();
    const [one, other] = await Promise.all([openLab(roots, wish), openLab(roots, wish)]);
    const third = await openLab(roots, { workshop: workshop() });
    expect([one.pid, one.pid]).toEqual([other.pid, expect.not.toBeOneOf([third.pid])]);
    await Promise.all([one.close(), third.close()]);
  });

  test("that has ended is made anew", async () => {
    const { roots, lab } = await labForTest();
    process.kill(lab.pid, "SIGKILL");
    await expect.poll(() => existsSync(`/proc/${lab.pid}/ns/mnt`)).toBe(false);
    const fresh = await openLab(roots);
    expect([fresh.pid === lab.pid, await sh(fresh, "echo works")]).toEqual([false, "works\n"]);
  });
});

describe("what a lab has of the machine", needs("userns"), () => {
  test("is read, also where only its owner may, and never written, whatever its root does with the mounts", async () => {
    const folder = workshop();
    chmodSync(folder, 0o700);
    chmodSync(join(folder, "mine.ts"), 0o600);
    const { lab } = await labForTest({ workshop: folder });
    expect(await sh(lab, `cat ${folder}/mine.ts`)).toBe("export const mine = 1;\n");
    const places = ["/usr", "/lib64", folder, dirname(dirname(PROGRAM))];
    for (const place of places)
      await sh(lab, `mount -o remount,bind,rw ${place}; touch ${place}/made-in-lab; rm -f ${place}/mine.ts`);
    expect(places.map((place) => existsSync(join(place, "made-in-lab")))).toEqual([false, false, false, false]);
    expect(readFileSync(join(folder, "mine.ts"), "utf8")).toBe("export const mine = 1;\n");
  });

  test("is no file of anybody's besides, and nothing that only root may read", async () => {
    const { roots, lab } = await labForTest({ workshop: workshop() });
    const secret = mkdtempSync(join(tmpdir(), "secret-"));
    // Where the package itself lies, that is to be seen.
    const empty = ["/home", "/mnt", "/srv"].filter((folder) => !import.meta.dirname.startsWith(`${folder}/`));
    expect(await sh(lab, `find ${empty.join(" ")} -mindepth 1 | wc -l`)).toBe("0\n");
    expect(await sh(lab, `ls ${secret} ${roots.root} 2>&1 | grep -vc 'No such'`)).toBe("0\n");
    expect(await sh(lab, "cat /etc/passwd | wc -l; ls /etc/shadow 2>&1; id -u; cat /proc/sys/kernel/hostname")).toBe(
      "2\nls: cannot access '/etc/shadow': No such file or directory\n0\nlab\n",
    );
    expect(await sh(lab, "find /usr /etc ! -readable -prune 2>/dev/null | head -1 | wc -l")).toMatch(/^[01]\n$/);
  });

  test("is as much memory and as many processes as it was given, and no disk", async () => {
    const { roots, lab } = await labForTest();
    const fill = (place: string) => `dd if=/dev/zero of=${place}/large bs=1M count=2000 2>&1 | grep -o 'No space left'`;
    for (const place of ["/", "/var", "/root", "/tmp", "/var/lib/mini-docker"]) {
      expect([place, await sh(lab, `${fill(place)}; rm ${place}/large`)]).toEqual([place, "No space left\n"]);
    }
    expect(await sh(lab, "echo x 2>&1 >> /etc/hosts")).toContain("Read-only file system");
    const written = spawnSync("du", ["-sk", join(roots.root, "containers")], { encoding: "utf8" }).stdout;
    expect(Number.parseInt(written, 10)).toBeLessThan(500);
  });
});
