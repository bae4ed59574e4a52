import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { leasesOn, portsOn, whileChanging } from "../../src/08-network/index.ts";
import { allContainers } from "../../src/10-containers/settle.ts";
import { buildScript, makeContainer, temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";

const NEEDS = needs("root", "speed", "program:nft", "program:ip");

/** Who changes networks next finds that all is gone which was to go. */
function ours(root: string): string[] {
  whileChanging(root, () => {});
  const links = execFileSync("ip", ["-o", "link"], { encoding: "utf8" }).match(/mini-docker0|veth\w{8}/g) ?? [];
  return [...links, ...execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" }).split("\n").slice(0, 1)];
}

describe("a start on a network", { ...NEEDS, timeout: 300_000 }, () => {
  test("killed between its changes of files leaves nothing that the next command doesn't take away", async () => {
    const roots = temporaryRoots();
    const script = await buildScript("test/fixtures/die-at.ts");
    const { record } = await makeContainer(roots, ["sleep", "30"], {
      network: "bridge",
      endpoints: [{ network: "bridge", aliases: [] }],
      ports: [{ protocol: "tcp", hostAddress: "0.0.0.0", hostPort: 8080, port: 80 }],
    });
    let survived = false;
    let seen = 0;
    // Every other change is enough to meet each kind of them.
    for (let index = 1; !survived; index += 2) {
      const words = [script, roots.root, roots.state, String(index), "start", record.id];
      const { status } = spawnSync(process.execPath, words, { encoding: "utf8" });
      survived = status === 0;
      if (survived) break;
      if (ours(roots.root).join("") !== "") seen++;
      const look = async () => {
        const [container] = await allContainers(roots);
        const [leases, ports] = [leasesOn(roots.root, "bridge"), portsOn(roots.root, { name: "bridge" })];
        return { isStarting: container!.state.status === "starting", leases, ports, host: ours(roots.root).join("") };
      };
      // Who waits for a "go" that never comes may take a moment to hear of that, and so long it runs.
      const nothing = { isStarting: false, leases: [], ports: [], host: "" };
      await expect.poll(look, { message: `change ${index}`, timeout: 10_000 }).toEqual(nothing);
    }
    // It was killed with its bridge up, and in the end, with nothing in its way, it ran.
    expect(seen).toBeGreaterThan(2);
    expect(leasesOn(roots.root, "bridge")).toMatchObject([{ holder: record.id }]);
  });
});
