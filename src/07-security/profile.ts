// The default filter: which of the kernel's system calls a container may make. What Docker's allows, ours does
// (https://github.com/moby/profiles, seccomp/default.json); the few differences are said where they are.
//
// It lists what is allowed, so a call that the kernel learns tomorrow is refused until somebody has looked at it. Refused
// are above all: keyctl and add_key (keyrings know no namespaces), userfaultfd (a favourite for winning races in the
// kernel), io_uring (does what other calls do, past every filter), kexec_load, swapon, pivot_root, and new namespaces,
// in which a root without capabilities would have all of them again.

import { type Circumstances, type ConditionalProfile, type ConditionalRule, resolveProfile } from "./conditions.ts";
import type { ArgumentTest, LinuxSeccomp } from "./seccomp.ts";

/** The default profile for a container with these capabilities, as `linux.seccomp`. */
export function defaultProfile(circumstances: Circumstances): LinuxSeccomp {
  return resolveProfile(DEFAULT_PROFILE, circumstances);
}

const FILES = `
  access cachestat chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
  fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock
  fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr getxattrat ioctl
  lchown lgetxattr link linkat listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat mkdir
  mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64
  pwritev pwritev2 read readahead readlink readlinkat readv removexattr removexattrat rename renameat renameat2 rmdir
  sendfile setxattr setxattrat splice stat statfs statmount statx symlink symlinkat sync sync_file_range syncfs tee
  truncate umask unlink unlinkat utime utimensat utimes vmsplice write writev
`;

const WAITING = `
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2
  fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents
  io_pgetevents io_setup io_submit poll ppoll pselect6 select signalfd signalfd4
`;

const MEMORY = `
  brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mprotect mremap
  mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages
`;

const PROCESSES = `
  capget capset execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv futex_wake
  get_robust_list get_thread_area getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority
  getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill landlock_add_rule
  landlock_create_ruleset landlock_restrict_self pause pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall
  rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setpgid
  setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sigaltstack tgkill tkill uretprobe vfork
  wait4 waitid
`;

const TIME_AND_MACHINE = `
  adjtimex alarm clock_adjtime clock_getres clock_gettime clock_nanosleep getitimer getrandom gettimeofday nanosleep
  riscv_hwprobe setitimer sysinfo time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timerfd_create timerfd_gettime timerfd_settime times uname
`;

const MESSAGES = `
  accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr mq_notify mq_open mq_timedreceive
  mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd recvfrom recvmmsg recvmsg semctl semget semop semtimedop sendmmsg
  sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown socketpair
`;

// The same under the names that 32-bit programs know them by.
const IN_32_BITS = `
  _llseek _newselect chown32 clock_adjtime64 clock_getres_time64 clock_gettime64 clock_nanosleep_time64 fadvise64_64
  fchown32 fcntl64 fstat64 fstatat64 fstatfs64 ftruncate64 futex_time64 getegid32 geteuid32 getgid32 getgroups32
  getresgid32 getresuid32 getuid32 io_pgetevents_time64 ipc lchown32 lstat64 mmap2 mq_timedreceive_time64
  mq_timedsend_time64 ppoll_time64 pselect6_time64 recv recvmmsg_time64 rt_sigtimedwait_time64
  sched_rr_get_interval_time64 semtimedop_time64 send sendfile64 setfsgid32 setfsuid32 setgid32 setgroups32 setregid32
  setresgid32 setresuid32 setreuid32 setuid32 sigprocmask sigreturn socketcall stat64 statfs64 timer_gettime64
  timer_settime64 timerfd_gettime64 timerfd_settime64 truncate64 ugetrlimit utimensat_time64 waitpid
`;

const NEW_NAMESPACES = `
  bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
  lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
  sethostname setns syslog umount umount2 unshare
`;

/** All seven CLONE_NEW* that clone can ask for. */
const CLONE_NEW_ANYTHING = 0x7e020000;

/** Address families below AF_ALG (38: the kernel's ciphers, long a source of holes) and AF_VSOCK (40: the hypervisor). */
const HARMLESS_FAMILIES: ArgumentTest[] = [
  { index: 0, op: "SCMP_CMP_LT", value: 38 },
  // Docker allows all above 40. But a family has 32 bits and an argument 64: 2³² + 40 is above, and still AF_VSOCK.
  ...[39, 41, 42, 43, 44, 45].map((value): ArgumentTest => ({ index: 0, op: "SCMP_CMP_EQ", value })),
];

/** Linux, BSD, and each with UNAME26; the last only asks. See personality(2). */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

export const DEFAULT_PROFILE: ConditionalProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
  ],
  syscalls: [
    allow([FILES, WAITING, MEMORY, PROCESSES, TIME_AND_MACHINE, MESSAGES, IN_32_BITS].join(" ")),

    // Before Linux 4.8 a tracer could change a call after the filter had looked at it.
    allow("process_vm_readv process_vm_writev ptrace", { includes: { minKernel: "4.8" } }),

    ...HARMLESS_FAMILIES.map((test) => allow("socket", { args: [test] })),
    ...PERSONALITIES.map((value) => allow("personality", { args: [{ index: 0, op: "SCMP_CMP_EQ", value }] })),

    allow("arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2", {
      includes: { arches: ["arm64"] },
    }),
    allow("arch_prctl modify_ldt", { includes: { arches: ["amd64"] } }),

    // Processes yes, namespaces no. clone3 keeps its flags in memory, where a filter can't see them: told that there is no
    // such call, the C library takes clone.
    allow("clone", {
      args: [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: CLONE_NEW_ANYTHING, valueTwo: 0 }],
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    }),
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38, excludes: { caps: ["CAP_SYS_ADMIN"] } },

    // What a capability is for is no use without the call.
    allowWith("CAP_SYS_ADMIN", NEW_NAMESPACES),
    allowWith("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
    allowWith("CAP_SYS_BOOT", "reboot"),
    allowWith("CAP_SYS_CHROOT", "chroot"),
    allowWith("CAP_SYS_MODULE", "delete_module finit_module init_module"),
    allowWith("CAP_SYS_PACCT", "acct"),
    allowWith("CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
    allowWith("CAP_SYS_RAWIO", "ioperm iopl"),
    allowWith("CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"),
    allowWith("CAP_SYS_TTY_CONFIG", "vhangup"),
    allowWith("CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    allowWith("CAP_SYSLOG", "syslog"),
    allowWith("CAP_BPF", "bpf"),
    allowWith("CAP_PERFMON", "perf_event_open"),
  ],
};

function allow(names: string, more: Partial<ConditionalRule> = {}): ConditionalRule {
  return { names: names.trim().split(/\s+/), action: "SCMP_ACT_ALLOW", ...more };
}

function allowWith(capability: string, names: string): ConditionalRule {
  return allow(names, { includes: { caps: [capability] } });
}
