// Machines as they described themselves, and one to be described by a test: what /proc says, and what is in the
// cgroup directories. Tests look at these through `Files`, as the engine looks at the machine it runs on.

import type { Files } from "../../src/04-cgroups/files.ts";

/** Paths to contents; `""` in `writable` means every path is. */
export interface Recorded {
  mountinfo: string;
  cgroup: string;
  files?: Record<string, string>;
  writable?: string[];
}

/** A path is writable if it, or a directory it is in, is listed. */
export function filesOf({ mountinfo, cgroup, files = {}, writable = [""] }: Recorded): Files {
  const all: Record<string, string> = {
    "/proc/self/mountinfo": mountinfo,
    "/proc/self/cgroup": cgroup,
    "/proc/self/status": "Name:\tnode\nUid:\t0\t0\t0\t0\n",
    "/proc/self/uid_map": "         0          0 4294967295",
    ...files,
  };
  return {
    read: (path) => all[path],
    exists: (path) => path in all,
    isWritable: (path) => writable.some((top) => path === top || path.startsWith(`${top}/`)),
  };
}

/** Debian 12, root in a login session. */
export const debian12: Recorded = {
  mountinfo: `23 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
30 23 0:27 / /sys/fs/pstore rw,nosuid,nodev,noexec,relatime shared:10 - pstore pstore rw
`,
  cgroup: "0::/user.slice/user-0.slice/session-1.scope\n",
  files: {
    "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc",
    "/sys/fs/cgroup/cgroup.subtree_control": "cpuset cpu io memory pids",
    "/sys/fs/cgroup/cgroup.procs": "1\n2",
  },
};

/** The same, a user under systemd --user: only user@1000.service and what is below it is the user's. */
export const debian12User: Recorded = {
  ...debian12,
  cgroup: "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope\n",
  files: {
    "/proc/self/status": "Name:\tnode\nUid:\t1000\t1000\t1000\t1000\n",
    ...debian12.files,
    "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.type": "domain",
    "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.procs": "",
    "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers": "memory pids",
    "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.subtree_control": "memory pids",
  },
  writable: ["/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service"],
};

/** CentOS 7: v1 alone, two controllers to a hierarchy here and there. */
export const centos7: Recorded = {
  mountinfo: `17 40 0:17 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw
23 17 0:20 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,mode=755
24 23 0:21 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:9 - cgroup cgroup rw,xattr,release_agent=/usr/lib/systemd/systemd-cgroups-agent,name=systemd
26 23 0:23 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:10 - cgroup cgroup rw,memory
27 23 0:24 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,cpuacct,cpu
28 23 0:25 / /sys/fs/cgroup/devices rw,nosuid,nodev,noexec,relatime shared:12 - cgroup cgroup rw,devices
29 23 0:26 / /sys/fs/cgroup/freezer rw,nosuid,nodev,noexec,relatime shared:13 - cgroup cgroup rw,freezer
30 23 0:27 / /sys/fs/cgroup/cpuset rw,nosuid,nodev,noexec,relatime shared:14 - cgroup cgroup rw,cpuset
31 23 0:28 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,pids
32 23 0:29 / /sys/fs/cgroup/blkio rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,blkio
`,
  cgroup: `9:blkio:/
8:pids:/
7:cpuset:/
6:freezer:/
5:devices:/user.slice
4:cpuacct,cpu:/user.slice
3:memory:/user.slice
1:name=systemd:/user.slice/user-0.slice/session-1.scope
`,
  files: {
    "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": "9223372036854771712",
    "/sys/fs/cgroup/cpuset/cpuset.cpus": "0-3",
    "/sys/fs/cgroup/cpuset/cpuset.mems": "0",
  },
};

/** v1 for most, and a v2 tree with what is left over. */
export const hybrid: Recorded = {
  mountinfo: `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`,
  cgroup: `9:name=systemd:/
8:pids:/
7:blkio:/
6:freezer:/
5:devices:/
4:memory:/jobs/7
3:cpuset:/
2:cpuacct:/
1:cpu:/
0::/
`,
  files: {
    "/sys/fs/cgroup/unified/cgroup.controllers": "hugetlb",
    "/sys/fs/cgroup/unified/cgroup.subtree_control": "",
    "/sys/fs/cgroup/unified/cgroup.procs": "1",
    "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": "9223372036854771712",
    "/sys/fs/cgroup/cpuset/cpuset.cpus": "0-1",
    "/sys/fs/cgroup/cpuset/cpuset.mems": "0",
  },
};

/** Inside `docker run --privileged` on v2: the container's group looks like the root, but processes are in it. */
export const privilegedContainer: Recorded = {
  mountinfo: `812 780 0:92 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
830 814 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot
`,
  cgroup: "0::/\n",
  files: {
    "/sys/fs/cgroup/cgroup.type": "domain",
    "/sys/fs/cgroup/cgroup.procs": "1\n27",
    "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids",
    "/sys/fs/cgroup/cgroup.subtree_control": "",
  },
};

/** Inside a `docker run` on v1 without a cgroup namespace: only the container's own part of each tree is mounted. */
export const v1Container: Recorded = {
  mountinfo: `1250 1249 0:61 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
1251 1250 0:29 /docker/3f2a /sys/fs/cgroup/systemd ro,nosuid,nodev,noexec,relatime master:11 - cgroup cgroup rw,xattr,name=systemd
1252 1250 0:33 /docker/3f2a /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime master:15 - cgroup cgroup rw,memory
1253 1250 0:34 /docker/3f2a /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,pids
`,
  cgroup: `3:pids:/docker/3f2a/init
2:memory:/docker/3f2a
1:name=systemd:/docker/3f2a
`,
  writable: ["/sys/fs/cgroup/pids"],
};
