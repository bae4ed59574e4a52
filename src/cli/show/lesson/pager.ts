// A long text through the program that people have chosen for that.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** $PAGER, or less, which is told to let colours through. */
export async function throughPager(text: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const command = env.PAGER || "less";
  const options = {
    stdio: ["pipe", "inherit", "inherit"] as const,
    env: { LESS: "-RFX", LESSCHARSET: "utf-8", ...env },
  };
  const pager = spawn("sh", ["-c", command], { ...options, stdio: ["pipe", "inherit", "inherit"] });
  // Who leaves early closes it.
  pager.stdin.on("error", () => {});
  pager.stdin.end(text);
  await once(pager, "close");
}
