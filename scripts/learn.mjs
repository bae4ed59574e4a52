// `npm run learn`: the first ten minutes. From a fresh clone to a container of one's own: installs, builds, looks at the
// machine, and starts one. Nothing here needs more than Node, and where Linux itself is missing, it says where to get one.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { ensureInstalled, run } from "./install.mjs";

const language = /^zh/.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "") ? "zh" : "en";

const NODE = {
  en: `This needs Node 20.19 or newer, and this is ${process.version}.`,
  zh: `需要 Node 20.19 或更新的版本，现在的是 ${process.version}。`,
};

const ROUTES = {
  en: `Containers are made of Linux's system calls, and this is ${process.platform}. There are three ways from here:

  WSL2 (Windows)      wsl --install, then clone this into its Linux and call npm run learn there
  a virtual machine   any Linux from the last three years; qemu or UTM run one on a Mac
  the book            npm run book: the lessons to read, with runs to walk through, in any browser

The first two are Linux like any other. Neither was tried by us on a Mac or on Windows.`,
  zh: `容器由 Linux 的系统调用组成，而这里是 ${process.platform}。从这里出发有三条路：

  WSL2（Windows）     wsl --install，然后把这个项目克隆到其中的 Linux 里，在那里执行 npm run learn
  虚拟机              三年以内的任何 Linux 都行；在 Mac 上可以用 qemu 或 UTM
  书                  npm run book：在任何浏览器里阅读课程，并逐步查看运行过程

前两条路里的就是普通的 Linux。我们没有在 Mac 或 Windows 上试过它们。`,
};

const COMPILER = {
  en: "There is no C compiler, and the part that makes system calls is 1500 lines of C:  sudo apt install gcc",
  zh: "这里没有 C 编译器，而负责发起系统调用的部分是 1500 行 C：  sudo apt install gcc",
};

const NO_SUDO = {
  en: "This needs no sudo: going on as you, so that all of it is yours.",
  zh: "这里不需要 sudo：接着以你自己的身份运行，这样所有文件都归你。",
};

if (process.platform !== "linux") end(ROUTES[language]);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) end(NODE[language]);
if (process.getuid() === 0 && process.env.SUDO_UID) {
  console.log(NO_SUDO[language]);
  becomeUser(Number(process.env.SUDO_UID), Number(process.env.SUDO_GID));
}
ensureInstalled();
if (spawnSync("cc", ["--version"]).error) end(COMPILER[language]);
run(process.execPath, ["scripts/build.mjs"]);
run(process.execPath, ["--", `${process.cwd()}/dist/mini-docker.js`, "learn", ...process.argv.slice(2)]);

/** What root installs and builds, nobody else can build anew. Where only root can make containers, that is said later. */
function becomeUser(uid, gid) {
  process.initgroups(process.env.SUDO_USER, gid);
  process.setgid(gid);
  process.setuid(uid);
  const { homedir, username } = userInfo();
  const runtime = `/run/user/${uid}`;
  Object.assign(process.env, { HOME: homedir, USER: username, LOGNAME: username });
  if (existsSync(runtime)) process.env.XDG_RUNTIME_DIR = runtime;
  for (const name of ["SUDO_UID", "SUDO_GID", "SUDO_USER", "SUDO_COMMAND"]) delete process.env[name];
}

function end(words) {
  console.error(words);
  process.exit(1);
}
