// A program that does what it is told, and waits to be looked at. A check puts it into a container under a name nobody
// else has, finds it by that name in /proc, and reads there what the kernel thinks of it.
//
//   probe WORD [ARGUMENT] WORD [ARGUMENT] …
//
//   wait          until SIGTERM                          fork N        so many children, which live as long as it does
//   touch PATH    makes an empty file                    grow MIB      takes so much memory, and uses it
//   read PATH     reads a byte                           kill PID      kills a process, by its number in here
//   write PATH    replaces what is in a file             remount PATH  takes "read-only" off a mount
//   pread FD      reads a byte of an open descriptor     escape PATH   leaves a chroot, then reads a byte of PATH
//   exec-self     becomes this same program again        ask ADDRESS   sends it a packet, and waits for an answer
//
// It answers in the place where it was asked: each word, once it is done, is overwritten with the errno it came to, 0 for
// success. So /proc/PID/cmdline tells how far it is, and nothing that is printed has to be believed. A word it doesn't know
// is passed over, which is what an answer is after exec-self.

#include "sys.h"

#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/signal.h>
#include <linux/time.h>

#define BIT(signal) (1ull << ((signal) - 1))

static const u64 told = BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGHUP);

// These signals are blocked from the first, so one that comes early is kept, also for process 1.
static i64 wait_here(void) {
  i64 signal;
  do signal = sys(__NR_rt_sigtimedwait, &told, 0, 0, sizeof told);
  while (signal < 0);
  if (signal != SIGTERM) quit(128 + (int)signal);
  return 0;
}

static i64 open_for(const char *path, int flags) {
  return sys(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

static i64 touch(const char *path) {
  i64 fd = open_for(path, O_WRONLY | O_CREAT);
  if (fd >= 0) sys(__NR_close, fd);
  return fd;
}

static i64 read_byte(const char *path) {
  char byte;
  i64 fd = open_for(path, O_RDONLY);
  if (fd < 0) return fd;
  i64 result = sys(__NR_read, fd, &byte, 1);
  sys(__NR_close, fd);
  return result;
}

static i64 pread_byte(i64 fd) {
  char byte;
  return sys(__NR_pread64, fd, &byte, 1, 0);
}

static i64 overwrite(const char *path) {
  static const char text[] = "the probe was here\n";
  i64 fd = open_for(path, O_WRONLY | O_TRUNC);
  if (fd < 0) return fd;
  i64 result = sys(__NR_write, fd, text, sizeof text - 1);
  sys(__NR_close, fd);
  return result;
}

// Memory counts when it is used, not when it is asked for.
static i64 grow(i64 mebibytes) {
  const i64 size = 1 << 20, page = 4096;
  for (i64 n = 0; n < mebibytes; n++) {
    i64 at = sys(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0 && at > -4096) return at;
    for (i64 offset = 0; offset < size; offset += page) *(volatile char *)(at + offset) = 1;
  }
  return 0;
}

static i64 fork_many(i64 count) {
  for (i64 n = 0; n < count; n++) {
    i64 pid = sys(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid < 0) return pid;
    if (pid == 0) {
      // Nobody looks for these: they are no probes of their own.
      sys(__NR_prctl, PR_SET_NAME, "probe's child");
      sys(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL);
      for (;;) wait_here();
    }
  }
  return 0;
}

// The root goes down into a folder while the working directory stays where it is, outside of it: no root on the way up
// stops "..". See src/02-rootfs/chroot.ts.
static i64 escape(const char *path) {
  sys(__NR_mkdirat, AT_FDCWD, "hole", 0700);
  i64 result = sys(__NR_chroot, "hole");
  if (result < 0) return result;
  for (int n = 0; n < 64; n++) sys(__NR_chdir, "..");
  result = sys(__NR_chroot, ".");
  return result < 0 ? result : read_byte(path);
}

// To port 9, where nobody listens. Who is there says just that, and his saying so is the answer. It takes no power at all.
static i64 ask(const char *text) {
  struct sockaddr_in to = {.sin_family = 2, .sin_port = 0x0900};
  struct __kernel_timespec second = {.tv_sec = 1};
  char byte = 0;
  parse_address(text, (u8 *)&to.sin_addr);
  i64 fd = sys(__NR_socket, 2 /* AF_INET */, 2 /* SOCK_DGRAM */ | O_CLOEXEC, 0);
  if (fd < 0) return fd;
  struct pollfd poll = {.fd = (int)fd, .events = POLLIN};
  i64 result = sys(__NR_connect, fd, &to, sizeof to);
  if (result == 0) result = sys(__NR_write, fd, &byte, 1);
  if (result == 1) result = sys(__NR_ppoll, &poll, 1, &second, 0, 0);
  if (result == 1) result = sys(__NR_read, fd, &byte, 1);
  else if (result == 0) result = -ETIMEDOUT;
  sys(__NR_close, fd);
  return result == -ECONNREFUSED ? 0 : result;
}

// Digits, and NULs over what is left of the word.
static void answer(char *word, i64 result) {
  char digits[20];
  size_t room = length(word), count = (size_t)(decimal(digits, (u64)(result < 0 ? -result : 0), 1) - digits);
  memcpy(word, digits, count < room ? count : room);
  if (count < room) memset(word + count, 0, room - count);
}

// The answer goes along: afterwards there is nobody to write it.
static i64 become(char *word, char **argv, char **envp) {
  answer(word, 0);
  return sys(__NR_execve, "/proc/self/exe", argv, envp);
}

static int is(const char *word, const char *known, const char *argument) {
  return argument && equal(word, known);
}

int main(int argc, char **argv, char **envp) {
  sys(__NR_rt_sigprocmask, SIG_BLOCK, &told, 0, sizeof told);
  for (int i = 1; i < argc; i++) {
    char *word = argv[i], *next = argv[i + 1];
    i64 result;
    if (equal(word, "wait")) result = wait_here();
    else if (is(word, "touch", next)) result = touch(next);
    else if (is(word, "read", next)) result = read_byte(next);
    else if (is(word, "write", next)) result = overwrite(next);
    else if (is(word, "pread", next)) result = pread_byte(number(next));
    else if (is(word, "grow", next)) result = grow(number(next));
    else if (is(word, "fork", next)) result = fork_many(number(next));
    else if (is(word, "kill", next)) result = sys(__NR_kill, number(next), SIGKILL);
    else if (is(word, "remount", next)) result = sys(__NR_mount, 0, next, 0, MS_REMOUNT | MS_BIND, 0);
    else if (is(word, "escape", next)) result = escape(next);
    else if (is(word, "ask", next)) result = ask(next);
    else if (equal(word, "exec-self")) result = become(word, argv, envp);
    else continue;
    answer(word, result);
  }
  quit(0);
}
