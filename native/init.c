// With --init this is process 1 of the container, and the command is its child. Process 1 has two duties that ordinary
// programs don't know of:
//   - Every process whose parent has died becomes its child. Unless it waits for them they stay zombies, for ever.
//   - Signals it has no handler for don't kill it, not even SIGTERM (see pid_namespaces(7)). A program that relies on
//     being killed by default can't be stopped politely. As a child of ours it can.
// When process 1 ends the kernel kills all that is left in the namespace, so ending with the command is enough.
//
// Usage: init [--] COMMAND [ARGUMENT…]; a COMMAND without a slash is looked for in $PATH. Exits as the command does, with
// 128+n if signal n killed it; with 127 if there is no such file, with 126 if it can't be executed. `init --` alone has no
// command to end with: it waits for others' children until somebody outside kills it.

#include "sys.h"

#include <asm/ioctls.h>
#include <linux/signal.h>
#include <linux/wait.h>

static void complain(const char *path, const char *what) {
  const char *words[] = {"init: ", path, what};
  for (u32 i = 0; i < COUNT(words); i++) sys(__NR_write, 2, words[i], length(words[i]));
}

// A process group of its own, so that Ctrl-C reaches the command and its children but not us; and the foreground of the
// terminal, if there is one, so that it may read from it. SIGTTOU, the answer to who takes that without being in the
// foreground, is still blocked.
static void lead_foreground(void) {
  sys(__NR_setpgid, 0, 0);
  i32 group = (i32)sys(__NR_getpid);
  sys(__NR_ioctl, 0, TIOCSPGRP, &group);
}

static const char *search_path(char **envp) {
  for (; *envp; envp++) {
    const char *value = after(*envp, "PATH=");
    if (value) return value;
  }
  return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

static int has_slash(const char *text) {
  while (*text && *text != '/') text++;
  return *text;
}

// Tries each folder of $PATH, as execvp(3) does; one in which it was found but may not be run decides the error.
static i64 execute(char **argv, char **envp) {
  if (has_slash(argv[0])) return sys(__NR_execve, argv[0], argv, envp);
  i64 worst = -ENOENT;
  for (const char *folder = search_path(envp);; folder++) {
    char path[4096], *end = path;
    size_t room = sizeof path - 2 - length(argv[0]);
    for (; *folder && *folder != ':' && (size_t)(end - path) < room; folder++) *end++ = *folder;
    *append(append(end, end == path ? "./" : "/"), argv[0]) = 0;
    i64 error = sys(__NR_execve, path, argv, envp);
    if (error != -ENOENT && error != -ENOTDIR) worst = error;
    while (*folder && *folder != ':') folder++;
    if (!*folder) return worst;
  }
}

static __attribute__((noreturn)) void run(char **argv, char **envp, u64 signals) {
  lead_foreground();
  sys(__NR_rt_sigprocmask, SIG_SETMASK, &signals, 0, sizeof signals);
  i64 error = length(argv[0]) < 2048 ? execute(argv, envp) : -ENOENT;
  int is_missing = error == -ENOENT || error == -ENOTDIR;
  complain(argv[0], is_missing ? ": not found\n" : ": cannot be executed\n");
  quit(is_missing ? 127 : 126);
}

// Waits for all that has ended. If the command is among it there is nothing left to do.
static void reap(i64 command) {
  i32 status;
  i64 ended;
  while ((ended = sys(__NR_wait4, -1, &status, WNOHANG | __WALL, 0)) > 0) {
    i32 signal = status & 0x7f;
    if (ended == command) quit(signal ? 128 + signal : status >> 8 & 0xff);
  }
}

// Some signals are about ourselves: a fault of ours, or a terminal we don't lead.
static int is_for_command(i64 signal) {
  static const u8 own[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGTTIN, SIGTTOU};
  for (u32 i = 0; i < COUNT(own); i++)
    if (own[i] == signal) return 0;
  return 1;
}

int main(int argc, char **argv, char **envp) {
  const u64 all = ~0ull, default_action[4] = {0};
  u64 signals;
  char **words = argv + 1;
  if (argc > 1 && equal(*words, "--")) words++;
  if (argc < 2) quit(125);
  // Blocked signals are kept, even for process 1, until sigtimedwait takes them: no handler, no race.
  sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, &signals, sizeof all);
  sys(__NR_rt_sigaction, SIGCHLD, default_action, 0, sizeof all);
  i64 command = 0;
  if (*words) {
    command = sys(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (command == 0) run(words, envp, signals);
    if (command < 0) quit(125);
  }
  for (;;) {
    i64 signal = sys(__NR_rt_sigtimedwait, &all, 0, 0, sizeof all);
    if (signal == SIGCHLD) reap(command);
    else if (signal > 0 && command && is_for_command(signal)) sys(__NR_kill, command, signal);
  }
}
