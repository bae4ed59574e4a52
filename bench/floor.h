// What surrounds a plan written out in C (floor.ts): a process to carry it out, the clock, and no more of a protocol than
// one byte each way needs.
//
//   floor N DIRECTORY…   carries the plan out N times and prints how long each took, in nanoseconds, from the first
//                        process to the end of the last. The directories, innermost first, are removed in between: they
//                        are the groups that the plan makes.

#pragma once
#include "sys.h"

#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time.h>

enum { CONTROL = 3, SIGNAL_CHILD = 17, ANY_CHILD = 0x40000000 };

static u64 now(void) {
  struct __kernel_timespec time;
  sys(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, &time);
  return (u64)time.tv_sec * 1000000000 + (u64)time.tv_nsec;
}

static void print(int fd, const char *text, u64 value) {
  char line[256], *end = decimal(append(line, text), value, 1);
  *end++ = '\n';
  sys(__NR_write, fd, line, end - line);
}

static __attribute__((noreturn)) void fail(const char *place, long result) {
  char text[64];
  *append(append(text, place), " failed: errno ") = 0;
  print(2, text, (u64)-result);
  quit(125);
}

static long fork_process(void) { return sys(__NR_clone, SIGNAL_CHILD, 0, 0, 0, 0); }

static int wait_for(long pid) {
  int status = 0;
  while (sys(__NR_wait4, pid, &status, ANY_CHILD, 0) == -EINTR) continue;
  return status;
}

typedef long list(void);

static long *control_register, *pid_register;

// In a process of its own, as the launcher does: `before` splits it, one half tells who the other is and goes.
static __attribute__((noreturn)) void launch(int control, list *before, list *inside) {
  sys(__NR_dup3, control, CONTROL, 0x80000 /* O_CLOEXEC */);
  long pid = before();
  if (pid == 0) inside();
  else sys(__NR_write, CONTROL, &pid, sizeof pid);
  quit(0);
}

static u64 once(list *before, list *beside, list *inside) {
  int ends[2];
  u64 began = now();
  sys(__NR_socketpair, 1 /* AF_UNIX */, 5 | 0x80000 /* SOCK_SEQPACKET | SOCK_CLOEXEC */, 0, ends);
  long launcher = fork_process();
  if (launcher == 0) launch(ends[1], before, inside);
  sys(__NR_close, ends[1]);
  if (sys(__NR_read, ends[0], pid_register, sizeof *pid_register) != sizeof *pid_register) quit(125);
  *control_register = ends[0];
  beside();
  wait_for(launcher);
  if (wait_for(*pid_register) != 0) quit(125);
  u64 took = now() - began;
  sys(__NR_close, ends[0]);
  return took;
}

static int carry_out(int argc, char **argv, list *before, list *beside, list *inside) {
  // The launcher's child is ours once the launcher has gone.
  sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1);
  for (i64 n = argc > 1 ? number(argv[1]) : 1; n > 0; n--) {
    print(1, "", once(before, beside, inside));
    *control_register = CONTROL;
    for (int i = 2; i < argc; i++)
      while (sys(__NR_unlinkat, -100 /* AT_FDCWD */, argv[i], 0x200 /* AT_REMOVEDIR */) == -EBUSY) continue;
  }
  return 0;
}
