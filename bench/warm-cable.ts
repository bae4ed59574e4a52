// On whatever host it runs: the container `true` with a cable into a bridge, started by the launcher and in straight C.
//
//   warm-cable ROOT STATE source            makes the bridge, and prints the C program
//   warm-cable ROOT STATE PROGRAM ROUNDS    prints the medians of both, in milliseconds

import { execFileSync } from "node:child_process";
import { dropChain } from "../src/08-network/chains.ts";
import { type Cable, ensureDefaultNetwork, linkNameOf, matchHost, whileChanging } from "../src/08-network/index.ts";
import { removeLinks } from "../src/08-network/links.ts";
import { findContainer } from "../src/10-containers/container.ts";
import { cablesOf, takeEndpoint } from "../src/10-containers/network/endpoint.ts";
import { floorSource } from "./floor.ts";
import { medians, type Once } from "./measure.ts";
import { warmUp } from "./warm.ts";

const [root = "", state = "", program = "", rounds = "1"] = process.argv.slice(2);
const WARM_UP = 10;

/** An address of its own, and the bridge; the same ones however often it is asked for. */
function cableOf(id: string): Cable[] {
  return whileChanging(root, () => {
    ensureDefaultNetwork(root);
    const endpoint = takeEndpoint(root, id, { network: "bridge", aliases: [] }, "eth0");
    return cablesOf([endpoint], matchHost(root, state));
  });
}

/** The kernel takes its time to let go of the cable of one that has ended; the next is of the same name. */
function free(cables: Cable[]): void {
  const link = linkNameOf(cables[0]!.address);
  whileChanging(root, () => {
    removeLinks([link]);
    dropChain("netdev", link);
  });
  whileChanging(root, () => {});
}

async function main(): Promise<void> {
  const cables = cableOf(findContainer({ root, state }, "bench").record.id);
  const warm = await warmUp({ root, state }, cables);
  if (program === "source") return void console.log(floorSource(warm.plan));
  const freed =
    (once: Once): Once =>
    async () => {
      free(cables);
      return once();
    };
  const contenders = {
    floor: freed(() => Number(execFileSync(program, ["1", ...warm.groups], { encoding: "utf8" }))),
    ours: freed(() => warm.start()),
  };
  await medians(contenders, WARM_UP);
  console.log(JSON.stringify(await medians(contenders, Number(rounds))));
}

main();
