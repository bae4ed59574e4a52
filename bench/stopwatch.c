// stopwatch PROGRAM ARGUMENT…: runs the program once, with nothing to read and nobody to read what it prints, and prints
// how long it took, in nanoseconds. Small and without libc, so that nearly nothing of it is in what it measures.

#include "sys.h"

#include <linux/time.h>

static u64 now(void) {
  struct __kernel_timespec time;
  sys(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, &time);
  return (u64)time.tv_sec * 1000000000 + (u64)time.tv_nsec;
}

static __attribute__((noreturn)) void become(char **argv, char **envp) {
  long null = sys(__NR_openat, -100 /* AT_FDCWD */, "/dev/null", 2 /* O_RDWR */, 0);
  for (int fd = 0; fd < 2; fd++) sys(__NR_dup3, null, fd, 0);
  sys(__NR_execve, argv[0], argv, envp);
  quit(127);
}

int main(int argc, char **argv, char **envp) {
  int status = 0;
  char line[24], *end;
  if (argc < 2) quit(2);
  u64 began = now();
  long pid = sys(__NR_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
  if (pid == 0) become(argv + 1, envp);
  while (sys(__NR_wait4, pid, &status, 0, 0) == -EINTR) continue;
  end = decimal(line, now() - began, 1);
  *end++ = '\n';
  sys(__NR_write, 1, line, end - line);
  quit(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
}
