// A student's module with an image of the machine's store: lent to the lab, and nothing else of the store.

import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

test(
  "run --with runs an image of the store in the lab, which sees no other and changes nothing",
  needs("userns"),
  () => {
    const folder = mkdtempSync(join(tmpdir(), "workshop-"));
    chmodSync(folder, 0o755);
    const module = join(folder, "mine.ts");
    writeFileSync(
      module,
      `import { readdirSync, writeFileSync } from "node:fs";
     const store = "/var/lib/mini-docker";
     const layers = readdirSync(store + "/layers").map((name) => store + "/layers/" + name + "/diff");
     for (const layer of layers) try { writeFileSync(layer + "/owned", ""); console.log("wrote"); } catch {}
     console.log(layers.length, readdirSync(store + "/images/blobs/sha256").length);
     export const hostnameSteps = () => [{ call: "sethostname", args: ["mine", 4], why: "mine" }];`,
    );
    md.ok(
      "run",
      "--name",
      "box",
      "base",
      "sh",
      "-c",
      "echo kept > /etc/which; chown 5 /etc/which; rm -r /srv; mkdir /srv",
    );
    md.ok("commit", "box", "mine");
    md.ok("rm", "box");
    md.ok("tag", "base", "unseen");

    const script = "hostname; cat /etc/which; stat -c %u /etc/which; rm /etc/which; ls /srv";
    const said = md.ok("run", "--rm", "--with", `03=${module}`, "mine", "sh", "-c", script);
    expect(said.split("\n")).toEqual(["2 2", "mine", "kept", "5"]);
    expect(md.ok("run", "--rm", "mine", "cat", "/etc/which")).toBe("kept");
    expect(md.call("run", "--rm", "--pull", "never", "--with", `03=${module}`, "nosuch", "true").stderr).toBe(
      "mini-docker: No such image: nosuch:latest\n",
    );
  },
);
