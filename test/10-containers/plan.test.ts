import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { encode } from "../../src/01-syscalls/encode.ts";
import { type Plan, type Step, spellCall } from "../../src/01-syscalls/index.ts";
import type { Namespace } from "../../src/03-namespaces/index.ts";
import { inOrder } from "../../src/10-containers/explain/in-order.ts";
import { History } from "../../src/10-containers/explain/ran.ts";
import { monitorSteps } from "../../src/10-containers/monitor.ts";
import { containerPlan } from "../../src/10-containers/plan.ts";
import type { Spec } from "../../src/10-containers/spec/oci.ts";
import { explanation } from "../../src/cli/show/explain.ts";
import { inputFor, largeSpec, SMALL } from "./plans.ts";

const plain = new Chalk({ level: 0 });

/** What `--dry-run` prints of the plan. */
function printed(plan: Plan, after: Step[] = []): string {
  return explanation(new History(inOrder(plan, after)).all, { columns: 160, paint: plain });
}

describe("a plan, as --dry-run prints it", () => {
  test("on cgroup v2: the child is born in its group", () => {
    expect(printed(containerPlan(inputFor(SMALL, "v2")))).toMatchInlineSnapshot(`
      "
      ━━━ launcher  on the host, before there is a child  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  closeInheritedSteps                                                                                                         asking the kernel
         1  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC)                                                                     whatever is open here, the program won't get
                                                                                                                         it

       10  containers  stdioBeforeSteps                                                                                                              all of it at once
         2  pipe2([$stdout-r, $stdout], O_CLOEXEC)                                                                       what the container prints, the monitor logs
         3  pipe2([$stderr-r, $stderr], O_CLOEXEC)                                                                       and its complaints

       04  cgroups  createSteps                                                                                                                               how much
         4  mkdirat(AT_FDCWD, "/sys/fs/cgroup/mini-docker", 0755)                                                        the parent of all our groups
         5  openat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/cgroup.subtree_control", O_WRONLY|O_CLOEXEC, 0)                 groups below get files for these controllers
         6  write($subtree, "+io +memory +pids", 17)
         7  close($subtree)                                                                                              the file is written
         8  mkdirat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/0123456789ab…", 0755)                                          the container's group

       04  cgroups  limitSteps
         9  openat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/0123456789ab…/memory.max", O_WRONLY|O_CLOEXEC, 0)               more memory than this it can't have
        10  write($limit, "67108864", 8)
        11  close($limit)                                                                                                the file is written

       04  cgroups  deviceRuleSteps
        12  openat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/0123456789ab…", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)                a program is attached to a descriptor
        13  bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=29, insns=/* 232 bytes */,               the kernel checks the program that decides
              license="MIT", log_level=0, log_size=0, log_buf=0, kern_version=0, prog_flags=0}, 48)                      about devices
        14  bpf(BPF_PROG_ATTACH, {target_fd=$group, attach_bpf_fd=$program, attach_type=BPF_CGROUP_DEVICE,               it is asked at every open of a device from
              attach_flags=BPF_F_ALLOW_MULTI}, 16)                                                                       now on
        15  close($program)                                                                                              the group holds the program itself
        16  close($group)                                                                                                the program is attached

       04  cgroups  openGroupSteps
        17  openat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/0123456789ab…", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)                the child is born in this group

       01  system calls  plan                                                                                                                        asking the kernel
        18  clone3({flags=CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET|CLONE_INTO_CGROUP,             a new process, in new namespaces
              exit_signal=SIGCHLD, cgroup=$cgroup}, 88)

      ━━━ mini-docker  on the host, while the child waits  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  plan                                                                                                                        asking the kernel
        19  write($control, "go", 2)                                                                                     the child's surroundings are ready

      ━━━ child  from the host into the container, to become the program  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  plan                                                                                                                        asking the kernel
        20  read($control, /* room for 8 bytes */, 1)                                                                    the parent has its part to do first
        21  umask(022)                                                                                                   what is made here is everybody's to read, and
                                                                                                                         only root's to write

       03  namespaces  cgroupNamespaceSteps                                                                                    different answers to the same questions
        22  unshare(CLONE_NEWCGROUP)                                                                                     the cgroup we are in is the top of the tree
                                                                                                                         from here on

       03  namespaces  hostnameSteps
        23  sethostname("box", 3)                                                                                        what \`hostname\` answers

       03  namespaces  loopbackSteps
        24  socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)                                                                  a way to talk to the network
        25  ioctl($socket, SIOCSIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP|IFF_RUNNING})                                  127.0.0.1 answers
        26  close($socket)                                                                                               lo is up

       02  rootfs  privateRootSteps                                                                                                                      a different /
        27  mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)                                                                what is mounted from here on stays off the
                                                                                                                         host

       05  overlay  overlaySteps                                                                                                                                layers
        28  fsopen("overlay", FSOPEN_CLOEXEC)                                                                            a new overlay, option by option
        29  fsconfig($overlay, FSCONFIG_SET_STRING, "lowerdir+", "/layers/a", 0)                                         the topmost layer
        30  fsconfig($overlay, FSCONFIG_SET_STRING, "upperdir",                                                          everything the container writes lands here
              "/var/lib/mini-docker/containers/0123456789ab…/upper", 0)
        31  fsconfig($overlay, FSCONFIG_SET_STRING, "workdir",                                                           where the kernel prepares a file before it
              "/var/lib/mini-docker/containers/0123456789ab…/work", 0)                                                   appears in upper
        32  fsconfig($overlay, FSCONFIG_SET_STRING, "metacopy", "off", 0)                                                a copied-up file has all its contents
        33  fsconfig($overlay, FSCONFIG_SET_STRING, "redirect_dir", "nofollow", 0)                                       a renamed directory is a real copy, which any
                                                                                                                         tool can read
        34  fsconfig($overlay, FSCONFIG_SET_STRING, "index", "off", 0)                                                   layers and upper directories may be moved and
                                                                                                                         copied
        35  fsconfig($overlay, FSCONFIG_CMD_CREATE, NULL, NULL, 0)                                                       the options are complete
        36  fsmount($overlay, FSMOUNT_CLOEXEC, 0)                                                                        the stack as one tree, mounted nowhere yet
        37  openat(AT_FDCWD, "/var/lib/mini-docker/containers/0123456789ab…/rootfs",                                     the empty directory of the bundle
              O_DIRECTORY|O_CLOEXEC|O_PATH, 0)
        38  move_mount($rootfs, "", $mountpoint, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)                    a new root has to be a mount point

       02  rootfs  mountSteps                                                                                                                            a different /
        39  fsopen("proc", FSOPEN_CLOEXEC)                                                                               a filesystem, to be described
        40  fsconfig($fs, FSCONFIG_SET_STRING, "source", "proc", 0)                                                      one of its options
        41  fsconfig($fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)                                                            now it exists
        42  fsmount($fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)                          a mount of it that hangs nowhere yet
        43  mkdirat($rootfs, "proc", 0755)                                                                               a mount needs a place
        44  openat2($rootfs, "/proc", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH,                                               resolved by the kernel as if the rootfs were
              resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)                                                        /
        45  move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)                         hang it there; no path is looked up

       02  rootfs  deviceSteps
        46  umask(0)                                                                                                     modes are meant as they are written
        47  mkdirat($rootfs, "dev", 0755)                                                                                a mount needs a place
        48  openat2($rootfs, "/dev", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH,                                                resolved by the kernel as if the rootfs were
              resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)                                                        /
        49  unlinkat($target, "null", 0)                                                                                 what the image has there is not what it seems
        50  mknodat($target, "null", S_IFCHR|0666, makedev(1, 3))                                                        a name for a driver
        51  unlinkat($target, "zero", 0)                                                                                 what the image has there is not what it seems
        52  mknodat($target, "zero", S_IFCHR|0666, makedev(1, 5))                                                        a name for a driver
        53  unlinkat($target, "full", 0)                                                                                 what the image has there is not what it seems
        54  mknodat($target, "full", S_IFCHR|0666, makedev(1, 7))                                                        a name for a driver
        55  unlinkat($target, "random", 0)                                                                               what the image has there is not what it seems
        56  mknodat($target, "random", S_IFCHR|0666, makedev(1, 8))                                                      a name for a driver
        57  unlinkat($target, "urandom", 0)                                                                              what the image has there is not what it seems
        58  mknodat($target, "urandom", S_IFCHR|0666, makedev(1, 9))                                                     a name for a driver
        59  unlinkat($target, "tty", 0)                                                                                  what the image has there is not what it seems
        60  mknodat($target, "tty", S_IFCHR|0666, makedev(5, 0))                                                         a name for a driver
        61  openat2($rootfs, "/dev", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH,                                                links that programs expect
              resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
        62  symlinkat("/proc/self/fd", $dev, "fd")                                                                       by convention
        63  symlinkat("/proc/self/fd/0", $dev, "stdin")
        64  symlinkat("/proc/self/fd/1", $dev, "stdout")
        65  symlinkat("/proc/self/fd/2", $dev, "stderr")
        66  symlinkat("/proc/kcore", $dev, "core")
        67  symlinkat("pts/ptmx", $dev, "ptmx")
        68  umask(022)                                                                                                   the usual mask again

       02  rootfs  maskedPathSteps
        69  openat2($rootfs, "/proc/keys", {flags=O_CLOEXEC|O_PATH,                                                      is there such a path?
              resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
        70  open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)                                          a view of the host's /dev/null
        71  mount_setattr($mount, "", AT_EMPTY_PATH,                                                                     whose mode and owner can't be changed
              {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOEXEC}, 32)
        72  move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)                         hides the file

       02  rootfs  readonlyPathSteps
        73  openat2($rootfs, "/proc/sys", {flags=O_CLOEXEC|O_PATH,                                                       is there such a path?
              resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
        74  open_tree($target, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)                         a second view of the same
        75  mount_setattr($mount, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY}, 32)                      that can't be written
        76  move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)                         hang it there; no path is looked up

       02  rootfs  pivotSteps
        77  fchdir($rootfs)                                                                                              so that . names the new root
        78  pivot_root(".", ".")                                                                                         exchange the root of this mount namespace
        79  umount2(".", MNT_DETACH)                                                                                     unmount the host's tree, all of it
        80  chdir("/")                                                                                                   stand in the new root

       10  containers  stdioInsideSteps                                                                                                              all of it at once
        81  setsid()                                                                                                     a session of its own: no signal from the
                                                                                                                         host's terminals
        82  openat(AT_FDCWD, "/dev/null", O_RDONLY|O_NONBLOCK|O_CLOEXEC, 0)                                              nobody types
        83  dup3($nothing, 0, 0)                                                                                         standard input
        84  dup3($stdout, 1, 0)                                                                                          standard output
        85  dup3($stderr, 2, 0)                                                                                          standard error

       01  system calls  plan                                                                                                                        asking the kernel
        86  close_range(4, ~0U, 0)                                                                                       no way back: every descriptor of the host's
                                                                                                                         tree is gone

      ━━━ mini-docker  on the host, while the child waits  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  plan                                                                                                                        asking the kernel
        87  write($control, "go", 2)                                                                                     all is written down: let the program run

      ━━━ child  from the host into the container, to become the program  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  plan                                                                                                                        asking the kernel
        88  read($control, /* room for 8 bytes */, 1)                                                                    the monitor listens, and the state is on disk

       07  security  keyringSteps                                                                                                                           less power
        89  keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)                                                                    the caller's keys stay behind

       07  security  confineSteps
        90  prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)                                                                        no program of the container can gain
                                                                                                                         CAP_SYS_ADMIN
        91  setgroups(1, {[0]=0})                                                                                        no further group of the caller's comes along
        92  setresgid(0, 0, 0)                                                                                           real, effective and saved group
        93  setresuid(0, 0, 0)                                                                                           real, effective and saved user
        94  capset({version=0x20080522, pid=0}, {effective=0x20, permitted=0x20, inheritable=0x0,                        what this process itself can do
              effective=0x0, permitted=0x0, inheritable=0x0})

       10  containers  commandSteps                                                                                                                  all of it at once
        95  execve("/bin/true", ["/bin/true"], /* 1 var */)                                                              become the command

      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      95 system calls, none of them made

       01  system calls    8 calls
       02  rootfs         43 calls
       03  namespaces      5 calls
       04  cgroups        14 calls
       05  overlay        11 calls
       07  security        6 calls
       10  containers      8 calls
      "
    `);
  });

  test("on cgroup v1: the child waits until it was put into each of its groups", () => {
    const { before, beside } = containerPlan(inputFor(SMALL, "hybrid"));
    expect(printed({ before, beside, inside: [] })).toMatchInlineSnapshot(`
      "
      ━━━ launcher  on the host, before there is a child  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  closeInheritedSteps                                                                                                         asking the kernel
         1  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC)                                                                     whatever is open here, the program won't get
                                                                                                                         it

       10  containers  stdioBeforeSteps                                                                                                              all of it at once
         2  pipe2([$stdout-r, $stdout], O_CLOEXEC)                                                                       what the container prints, the monitor logs
         3  pipe2([$stderr-r, $stderr], O_CLOEXEC)                                                                       and its complaints

       04  cgroups  createSteps                                                                                                                               how much
         4  mkdirat(AT_FDCWD, "/sys/fs/cgroup/pids/mini-docker", 0755)                                                   the parent of all our groups
         5  mkdirat(AT_FDCWD, "/sys/fs/cgroup/pids/mini-docker/0123456789ab…", 0755)                                     the container's group for pids
         6  mkdirat(AT_FDCWD, "/sys/fs/cgroup/devices/mini-docker", 0755)                                                the parent of all our groups
         7  mkdirat(AT_FDCWD, "/sys/fs/cgroup/devices/mini-docker/0123456789ab…", 0755)                                  the container's group for devices
         8  mkdirat(AT_FDCWD, "/sys/fs/cgroup/memory/mini-docker", 0755)                                                 the parent of all our groups
         9  mkdirat(AT_FDCWD, "/sys/fs/cgroup/memory/mini-docker/0123456789ab…", 0755)                                   the container's group for memory
        10  mkdirat(AT_FDCWD, "/sys/fs/cgroup/unified/mini-docker", 0755)                                                the parent of all our groups
        11  mkdirat(AT_FDCWD, "/sys/fs/cgroup/unified/mini-docker/0123456789ab…", 0755)                                  the container's group

       04  cgroups  limitSteps
        12  openat(AT_FDCWD, "/sys/fs/cgroup/memory/mini-docker/0123456789ab…/memory.limit_in_bytes",                    more memory than this it can't have
              O_WRONLY|O_CLOEXEC, 0)
        13  write($limit, "67108864", 8)
        14  close($limit)                                                                                                the file is written

       04  cgroups  deviceRuleSteps
        15  openat(AT_FDCWD, "/sys/fs/cgroup/devices/mini-docker/0123456789ab…/devices.deny",                            the list of devices it may not use
              O_WRONLY|O_CLOEXEC, 0)
        16  openat(AT_FDCWD, "/sys/fs/cgroup/devices/mini-docker/0123456789ab…/devices.allow",                           the list of devices it may use
              O_WRONLY|O_CLOEXEC, 0)
        17  write($deny, "a", 1)                                                                                         none, to begin with
        18  write($allow, "c *:* m", 7)                                                                                  it may use this
        19  write($allow, "b *:* m", 7)
        20  write($allow, "c 1:3 rwm", 9)
        21  write($allow, "c 1:5 rwm", 9)
        22  write($allow, "c 1:7 rwm", 9)
        23  write($allow, "c 1:8 rwm", 9)
        24  write($allow, "c 1:9 rwm", 9)
        25  write($allow, "c 5:0 rwm", 9)
        26  write($allow, "c 5:1 rwm", 9)
        27  write($allow, "c 5:2 rwm", 9)
        28  write($allow, "c 136:* rwm", 11)
        29  close($allow)                                                                                                all devices it may use are named
        30  close($deny)                                                                                                 and all it may not

       04  cgroups  openGroupSteps
        31  openat(AT_FDCWD, "/sys/fs/cgroup/pids/mini-docker/0123456789ab…/tasks", O_WRONLY|O_CLOEXEC, 0)               the child enters by this list
        32  openat(AT_FDCWD, "/sys/fs/cgroup/devices/mini-docker/0123456789ab…/tasks", O_WRONLY|O_CLOEXEC, 0)
        33  openat(AT_FDCWD, "/sys/fs/cgroup/memory/mini-docker/0123456789ab…/tasks", O_WRONLY|O_CLOEXEC, 0)
        34  openat(AT_FDCWD, "/sys/fs/cgroup/unified/mini-docker/0123456789ab…",                                         the child is born in this group
              O_DIRECTORY|O_CLOEXEC|O_PATH, 0)

       01  system calls  plan                                                                                                                        asking the kernel
        35  clone3({flags=CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET|CLONE_INTO_CGROUP,             a new process, in new namespaces
              exit_signal=SIGCHLD, cgroup=$cgroup}, 88)

      ━━━ mini-docker  on the host, while the child waits  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       01  system calls  plan                                                                                                                        asking the kernel
        36  write($control, "go", 2)                                                                                     the child's surroundings are ready
        37  write($control, "go", 2)                                                                                     all is written down: let the program run

      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      37 system calls, none of them made

       01  system calls    4 calls
       04  cgroups        31 calls
       10  containers      2 calls
      "
    `);
  });
});

const MONITOR = {
  folder: "/run/c",
  exit: "/c/exit.json",
  isExitVolatile: false,
  log: "/c/log",
  hasClient: true,
  stdinOnce: true,
  onExit: [],
};

/** The small one, in whose list of namespaces only that of mounts is another. */
function withMounts(mounts: Namespace[]): Spec {
  const others = SMALL.linux!.namespaces!.filter(({ type }) => type !== "mount");
  return { ...SMALL, linux: { ...SMALL.linux, namespaces: [...others, ...mounts] } };
}

describe.each([
  ["small, v2", inputFor(SMALL, "v2")],
  ["small, v1", inputFor(SMALL, "hybrid")],
  ["large, v2", inputFor(largeSpec(), "v2", { stdio: { tty: true, interactive: true }, filter: new Uint8Array(8) })],
  ["large, v1", inputFor(largeSpec(), "hybrid", { stdio: { tty: false, interactive: true } })],
  ["an ordinary user's", inputFor(largeSpec({}, 1000), "v2", { privileged: false })],
  ["privileged", inputFor(largeSpec({ privileged: true, user: "5" }), "v2")],
  ["with users of its own", inputFor(largeSpec({ userns: "auto" }, 0, 2 ** 28), "v2", { shiftsOwners: true })],
  ["with others' mounts", inputFor(withMounts([]), "v2")],
  ["with mounts that it joins", inputFor(withMounts([{ type: "mount", path: "/proc/7/ns/mnt" }]), "v2")],
  ["a copy's", inputFor(SMALL, "v2", { root: { directory: "/c/upper", at: "/c/rootfs" } })],
])("every step of a plan (%s)", (_, input) => {
  const { before, beside, inside } = containerPlan(input);
  const after = monitorSteps({ ...MONITOR, ...input.stdio });
  const steps = [...before, ...beside, ...inside, ...after];

  test("says why it is there, in a line that fits on a slide", () => {
    const silent = steps.filter(({ why }) => why.trim() === "" || why.length > 80);
    expect(silent).toEqual([]);
  });

  test("is a stage's, or the plan's own: what must not be inherited, the split, the taking turns, the mask", () => {
    const own = [...before, ...beside, ...inside].filter(({ by }) => by === undefined);
    expect([...new Set(own.map(({ call }) => call))].sort()).toEqual([
      "clone3",
      "close_range",
      "read",
      "umask",
      "write",
    ]);
  });

  test("uses no register that no step before it has set", () => {
    expect(() => encode({ before, inside, after }, 0, { monitor: 5, client: 6, userns: 7 })).not.toThrow();
  });
});

describe("a plan without a mount namespace of its own", () => {
  const inRoot = (mounts: Namespace[]) =>
    containerPlan(inputFor(withMounts(mounts), "v2"))
      .inside.map(spellCall)
      .filter((call) => /NEWNS|ns\/mnt|chroot|pivot|MS_SLAVE|^open_tree|^move_mount/.test(call));

  test("puts its root together in a copy of the host's, and goes home", () => {
    expect(inRoot([])).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY|O_CLOEXEC, 0)",
        "unshare(CLONE_NEWNS)",
        "mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)",
        "move_mount($rootfs, "", $mountpoint, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "open_tree($target, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "open_tree($rootfs, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)",
        "setns($home, CLONE_NEWNS)",
        "chroot(".")",
      ]
    `);
  });

  test("or to the one that it joins, which nothing is mounted in either", () => {
    expect(inRoot([{ type: "mount", path: "/proc/7/ns/mnt" }])).toMatchInlineSnapshot(`
      [
        "unshare(CLONE_NEWNS)",
        "mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)",
        "move_mount($rootfs, "", $mountpoint, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "open_tree($target, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        "open_tree($rootfs, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)",
        "setns($mount_ns, CLONE_NEWNS)",
        "chroot(".")",
      ]
    `);
  });
});
