// What `doctor` says, in Chinese. Test: test/cli/chinese.test.ts reads doctor's own source for its sentences.

import type { Catalogue } from "./catalogue.ts";

export const DOCTOR: Catalogue = {
  // Programs
  "system calls from Node": "从 Node 发起系统调用",
  "Node {} with koffi": "Node {}，通过 koffi",
  "npm install koffi, on this machine": "在这台机器上执行 npm install koffi",
  "native programs": "本地程序",
  missing: "没有",
  'the program "{}" is not built for {}': "没有为 {1} 编译程序“{0}”",
  "npm run build compiles it; that needs a C compiler (cc)": "用 npm run build 编译；这需要一个 C 编译器（cc）",
  "npm run build": "npm run build",
  compiler: "编译器",
  none: "没有",
  "only building from source needs one": "只有从源代码构建时才需要它",
  "apt install gcc, or your system's like": "apt install gcc，或你的系统里的同类软件包",
  'image "base"': "镜像 base",
  "made of {}": "由 {} 制成",
  "larger than need be": "比需要的大",
  "without a static busybox it is made of this host's own tools and their libraries":
    "没有静态链接的 busybox，它就由这台机器自己的工具和它们的库制成",
  "apt install busybox-static": "apt install busybox-static",
  ps: "ps",
  "`top` asks it": "`top` 要用它",
  "apt install procps": "apt install procps",

  // Users
  "users in containers": "容器里的用户",
  "{}, by newuidmap": "{} 个，由 newuidmap 映射",
  "one, who is you": "一个，就是你自己",
  "it takes newuidmap, newgidmap, and ids that /etc/subuid and /etc/subgid give you":
    "需要 newuidmap、newgidmap，以及 /etc/subuid 和 /etc/subgid 分给你的 id",
  "apt install uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME":
    "apt install uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 用户名",

  // The kernel
  kernel: "内核",
  "Linux {}": "Linux {}",
  "system calls that every start makes came with Linux {}": "每次启动都要用的系统调用，从 Linux {} 起才有",
  "boot a newer kernel": "换一个更新的内核启动",
  processor: "处理器",
  "system call numbers and filters are known for x86-64 and arm64": "系统调用的编号和过滤器只有 x86-64 和 arm64 的",
  "use another machine": "换一台机器",
  "system calls": "系统调用",
  "without {}": "缺少 {}",
  "the kernel is older, or somebody's seccomp filter hides them from us":
    "内核太旧，或者有人用 seccomp 过滤器把它们挡住了",
  "boot a newer kernel; in a container, start it with --security-opt seccomp=unconfined":
    "换一个更新的内核启动；如果在容器里，启动它时加上 --security-opt seccomp=unconfined",
  "idmapped mounts": "带 id 映射的挂载",
  "with most filesystems": "大多数文件系统都行",
  "boot Linux 5.12 or later": "用 Linux 5.12 或更新的内核启动",
  "they came with Linux 5.12": "从 Linux 5.12 起才有",
  seccomp: "seccomp",
  "filters of system calls": "系统调用的过滤器",
  "this kernel was built without CONFIG_SECCOMP_FILTER": "这个内核编译时没有打开 CONFIG_SECCOMP_FILTER",
  "boot a distribution's kernel, or run with --security-opt seccomp=unconfined":
    "用发行版的内核启动，或者运行时加上 --security-opt seccomp=unconfined",

  // Namespaces
  namespaces: "命名空间",
  "{} namespace": "{} 命名空间",
  "user namespace": "用户命名空间",
  "this kernel was built without them": "这个内核编译时没有打开它",
  "the kernel says {}": "内核的回答是 {}",
  "raise the limit: sysctl -w user.max_{}_namespaces=10000": "提高上限：sysctl -w user.max_{}_namespaces=10000",
  "boot a distribution's kernel; in a container, ask for more privileges there":
    "用发行版的内核启动；如果在容器里，给它更多的权限",
  "run as root, which needs none": "以 root 身份运行，那样不需要它",
  "AppArmor keeps user namespaces from programs without a profile, as Ubuntu does from 23.10 on":
    "AppArmor 不让没有配置文件的程序使用用户命名空间，Ubuntu 从 23.10 起就是这样",
  "kernel.unprivileged_userns_clone is 0": "kernel.unprivileged_userns_clone 是 0",
  "user.max_user_namespaces is 0": "user.max_user_namespaces 是 0",
  "{}, or run as root": "{}，或者以 root 身份运行",

  // Cgroups
  cgroups: "cgroup",
  "v1 and v2 side by side (hybrid): {}": "v1 和 v2 并存（混合）：{}",
  "v1 and v2 side by side (hybrid)": "v1 和 v2 并存（混合）",
  "none that we may write to": "没有我们可以写的",
  "no hierarchy is mounted": "没有挂载任何层级",
  "mount one: mount -t cgroup2 none /sys/fs/cgroup": "挂载一个：mount -t cgroup2 none /sys/fs/cgroup",
  "memory limits": "内存上限",
  "process limits": "进程数上限",
  "processor limits": "处理器上限",
  "processor sets": "处理器集合",
  "disk limits": "磁盘上限",
  "controller {} ({})": "控制器 {}（{}）",
  "no hierarchy that we may write to has it": "我们可以写的层级里都没有它",
  "see /proc/cgroups for what this kernel offers": "这个内核有些什么，见 /proc/cgroups",
  "no mounted hierarchy has it": "挂载了的层级里都没有它",
  "/proc/cgroups lists what this kernel has": "/proc/cgroups 列出了这个内核有的",
  "no group below {} is ours to write": "{} 下面没有一个组是我们可以写的",
  "{} was delegated without it": "{} 委派给我们时没有带上它",
  "processes are in {} itself, and such a group hands nothing to groups below it":
    "{} 这个组里直接有进程，这样的组什么都不会交给它下面的组",
  "have a part of the tree delegated: under systemd, start from `systemd-run --user --scope -p Delegate=yes bash`; in a container, mount /sys/fs/cgroup writable":
    "让系统把树的一部分委派给你：有 systemd 时，从 `systemd-run --user --scope -p Delegate=yes bash` 里启动；在容器里，以可写方式挂载 /sys/fs/cgroup",
  "under systemd, set Delegate=cpu cpuset io memory pids in a drop-in of user@.service":
    "有 systemd 时，在 user@.service 的附加配置里写上 Delegate=cpu cpuset io memory pids",
  "move them into a group below first: mkdir init, then write each of their ids to init/cgroup.procs":
    "先把它们移到下面的一个组里：mkdir init，再把它们的进程号逐个写进 init/cgroup.procs",

  // Files
  "root folder": "root 文件夹",
  "state folder": "state 文件夹",
  "{}, to be made": "{}，将会创建",
  "{} is not ours to write": "{} 我们不能写",
  "run as root, or choose others with --root DIR and --state DIR":
    "以 root 身份运行，或者用 --root DIR 和 --state DIR 另选文件夹",
  overlay: "overlay",
  "layers told one by one": "层可以一个一个地告诉内核",
  "layers told on one page": "所有的层要写在一页上告诉内核",
  "this kernel has no overlay": "这个内核没有 overlay",
  "{} lies on another overlay": "{} 在另一个 overlay 上",
  "{} lies on {}": "{} 在 {} 上",
  "{}: each container gets a copy of its image, which takes longer and more room":
    "{}：每个容器都得到镜像的一份复制品，更慢，也更占地方",
  "choose a folder on a disk or a tmpfs with --root DIR": "用 --root DIR 选一个在磁盘或 tmpfs 上的文件夹",
  "network tunnel": "网络隧道",
  "{}: networks of ordinary users need it": "{}：普通用户的网络需要它",
  "network program": "网络程序",
  "slirp4netns or pasta stands in for a cable, which only root may lay":
    "只有 root 能接网线，slirp4netns 或 pasta 代替它",
  "apt install slirp4netns, or passt": "apt install slirp4netns，或者 passt",
  "/dev/net/tun is root's only": "/dev/net/tun 只有 root 能用",
  "there is no /dev/net/tun": "没有 /dev/net/tun",
  "sudo modprobe tun; sudo chmod 666 /dev/net/tun": "sudo modprobe tun; sudo chmod 666 /dev/net/tun",

  // A trial
  "a container": "一个容器",
  "was made, ran and is gone, in {} ms": "造好了、运行了、又消失了，用了 {} 毫秒",
  "could not be run": "没能运行",
  '"true" exited with {}': "“true” 的退出码是 {}",

  "Containers run on this machine.": "这台机器能运行容器。",
  "Containers don't run on this machine yet.": "这台机器还不能运行容器。",
};
