// Which cgroup hierarchies a machine has, and where they hang.
//
// A hierarchy is a tree of groups with controllers (memory, cpu, …) in it. There are three kinds of machines:
//
//   v2      one tree, every controller in it                               every distribution since about 2022
//   v1      a tree for each controller, or for a few that belong together  before
//   hybrid  v1's trees, and a v2 tree beside them for what they lack
//
// Nothing tells directly which one this is. /proc/self/cgroup lists the hierarchies, with this process's group in each,
// and /proc/self/mountinfo says where each is mounted, which is anywhere. See cgroups(7) and proc_pid_mountinfo(5).

export interface Hierarchy {
  version: 1 | 2;
  /** v1: the controllers in it, under the kernel's names; v2: empty, as that differs from group to group. */
  controllers: string[];
  /** Where its top, or the part of it that is visible here, can be seen. */
  mountPoint: string;
  /** This process's own group: its path below `mountPoint`, "" for the top itself. */
  own: string;
}

/**
 * Reads the two files' texts. Only hierarchies that are mounted and have controllers (or are v2) come back:
 * systemd's v1 tree without controllers is for systemd alone.
 */
export function parseHierarchies(mountinfo: string, ownGroups: string): Hierarchy[] {
  const mounts = visible(parseMounts(mountinfo));
  return parseMemberships(ownGroups).flatMap((membership) => {
    const mount = chooseMount(mounts, membership);
    if (!mount) return [];
    const { version, controllers, group } = membership;
    return [{ version, controllers, mountPoint: mount.mountPoint, own: below(mount.root, group) ?? "" }];
  });
}

interface Mount {
  /** Which directory of the hierarchy is seen at the mount point: "/" unless somebody shows only a part. */
  root: string;
  mountPoint: string;
  type: string;
  isReadOnly: boolean;
  /** The options of the filesystem, which for v1 name the controllers. */
  options: string[];
}

/** `36 31 0:33 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory` */
function parseMounts(mountinfo: string): Mount[] {
  return mountinfo
    .split("\n")
    .filter((line) => line.includes(" - cgroup"))
    .map((line) => {
      // Optional fields stand between the mount's own options and the dash.
      const [mount = "", filesystem = ""] = line.split(" - ");
      const [, , , root = "/", mountPoint = "", mountOptions = ""] = mount.split(" ");
      const [type = "", , options = ""] = filesystem.split(" ");
      const isReadOnly = mountOptions.split(",").includes("ro");
      return { root: plain(root), mountPoint: plain(mountPoint), type, isReadOnly, options: options.split(",") };
    });
}

/** Spaces and a few others are written as `\040`. */
function plain(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Of mounts on top of each other only the last can be seen. */
function visible(mounts: Mount[]): Mount[] {
  return [...new Map(mounts.map((mount) => [mount.mountPoint, mount])).values()];
}

interface Membership {
  version: 1 | 2;
  controllers: string[];
  group: string;
}

/** `4:memory:/user.slice` is a v1 hierarchy, `0::/user.slice` the v2 one, `1:name=systemd:/` one without controllers. */
function parseMemberships(ownGroups: string): Membership[] {
  return ownGroups.split("\n").flatMap((line): Membership[] => {
    const [, id, names = "", group = "/"] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === "0") return [{ version: 2, controllers: [], group }];
    return id === undefined || names.startsWith("name=") ? [] : [{ version: 1, controllers: names.split(","), group }];
  });
}

/** One hierarchy can be mounted many times: best is where our own group can be seen, writable, with most around it. */
function chooseMount(mounts: Mount[], { version, controllers, group }: Membership): Mount | undefined {
  const cost = (mount: Mount) =>
    (below(mount.root, group) === undefined ? 1e6 : 0) + (mount.isReadOnly ? 1e5 : 0) + mount.root.length;
  return mounts
    .filter(({ type }) => type === (version === 2 ? "cgroup2" : "cgroup"))
    .filter(({ options }) => controllers.every((name) => options.includes(name)))
    .sort((one, other) => cost(one) - cost(other))[0];
}

/** `("/docker/3f", "/docker/3f/init")` → `"/init"`; `undefined` where the group isn't inside of what `root` shows. */
function below(root: string, group: string): string | undefined {
  const top = root === "/" ? "" : root;
  const path = group === "/" ? "" : group;
  // In a cgroup namespace, what lies outside of it is written as a way up: "/../other".
  if (path.startsWith("/..")) return undefined;
  return path === top || path.startsWith(`${top}/`) ? path.slice(top.length) : undefined;
}
