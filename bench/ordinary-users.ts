// The same command as root types it, and two ordinary users: one to whom root has given ids (subuid(5)), and one without. They
// live in a mount namespace, each with a home on the disk and a runtime folder in memory, and a view of the repository whose
// `dist` is theirs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { RUN_ALONE } from "./commands.ts";
import { medians } from "./measure.ts";
import { output, programPath } from "./programs.ts";
import { type Command, timed } from "./stopwatch.ts";
import { milliseconds, type Row } from "./table.ts";

export interface OrdinaryUsers {
  /** The repository. */
  root: string;
  folder: string;
  stopwatch: string;
  rounds: number;
}

const USERS = { root: 0, many: 2000, one: 2001 };
const FIRST = 700_000;

const SETTLE = `
  mount --bind "$2" /mnt; cd /mnt; mkdir upper work project run
  mount -t tmpfs -o mode=755 run run
  mount -t overlay -o "lowerdir=$1,upperdir=upper,workdir=work" overlay project
  cp /etc/passwd passwd; cp /etc/subuid subuid; cp /etc/subgid subgid
  for user in ${Object.entries(USERS)
    .map((user) => user.join(":"))
    .join(" ")}; do
    name=\${user%:*}; id=\${user#*:}
    [ $id = 0 ] || echo "$name:x:$id:$id::/mnt/$name:/bin/sh" >> passwd
    mkdir -m 700 $name run/$name; chown $id:$id $name run/$name
  done
  for ids in subuid subgid; do echo many:${FIRST}:65536 >> $ids; done
  for file in passwd subuid subgid; do mount --bind $file /etc/$file; done
  chmod 755 /mnt; chmod -R a+rwX project/dist
  echo ready; exec sleep infinity`;

/** Throws where there can't be such users. */
export async function ordinaryUserRow({ root, folder, stopwatch, rounds }: OrdinaryUsers): Promise<Row> {
  programPath("newuidmap");
  if (!existsSync("/etc/subuid") || !existsSync("/etc/subgid")) throw new Error("/etc/subuid isn't there");
  const place = join(folder, "users");
  mkdirSync(place);
  copyFileSync(stopwatch, join(place, "stopwatch"));
  const settle = ["--mount", "--propagation", "private", "sh", "-ec", SETTLE, "sh", root, place];
  const keeper = spawn("unshare", settle, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(keeper, "close");
  const isReady = await Promise.race([once(keeper.stdout, "data"), ended.then(() => false)]);
  if (!isReady) throw new Error("their mount namespace can't be made");
  const within = ["nsenter", "--mount", "--target", `${keeper.pid}`];
  try {
    const commands = Object.entries(USERS).map(([name, id]) => [name, commandOf(within, name, id)] as const);
    // What the first times of a command keep.
    for (const [, { argv, env, within: user = [] }] of commands) for (let n = 0; n < 5; n++) output(user, argv, env);
    const contenders = commands.map(([name, command]) => [name, timed("/mnt/stopwatch", command)]);
    const { root: roots = 0, many = 0, one = 0 } = await medians(Object.fromEntries(contenders), rounds);
    return {
      work: `\`${RUN_ALONE.join(" ")}\` of an ordinary user with ids from /etc/subuid`,
      ours: milliseconds(many),
      against: `root's ${milliseconds(roots)}`,
      ratio: many / roots,
      wanted: "≤ 1.5",
      others: { "with one id": `${milliseconds(one)} = ${(one / roots).toFixed(2)}` },
    };
  } finally {
    keeper.kill();
    await ended;
  }
}

function commandOf(within: string[], name: string, id: number): Command {
  const { XDG_DATA_HOME: _, XDG_CONFIG_HOME: __, ...env } = process.env;
  return {
    argv: [
      "/mnt/project/dist/mini-docker.js",
      "--root",
      `/mnt/${name}/root`,
      "--state",
      `/mnt/run/${name}/state`,
      ...RUN_ALONE,
    ],
    within: [...within, "setpriv", "--reuid", `${id}`, "--regid", `${id}`, "--clear-groups"],
    env: { ...env, HOME: `/mnt/${name}`, XDG_RUNTIME_DIR: `/mnt/run/${name}`, USER: name },
  };
}
