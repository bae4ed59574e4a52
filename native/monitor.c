// The monitor stays with a container for life. It is what the launcher's parent half becomes after clone3, so the
// container's first process is its child: nobody else can learn that process's exit status. It owns the container's
// pipes or terminal, writes the log, serves those who attach, passes signals on and records the exit. The CLI and the
// daemon may die and come back; the container notices nothing.
//
//   engine               launcher, then monitor                             container
//   ──────               ──────────────────────                             ─────────
//   spawn ─────────────► clone3 ──────────────────────────────────────────► waits for "go"
//                        execve monitor
//   ◄───── READY on control= (or MONITOR_FAILED, and the child is killed)
//   "go" ─────────────────────────────────────────────────────────────────► [pty master ──► console=]  execve
//                        ◄───────────────────────────────────────────────── output
//                        log=: every byte, as CRI lines
//   client               │
//   ──────               │
//   on client= or DIR/attach.sock, frames: [type, 0, 0, 0, length as u32 big-endian] payload
//   ◄──── 1 stdout, 2 stderr: bytes (from a terminal all is 1)
//   0 stdin: bytes ────► ─────────────────────────────────────────────────► stdin or terminal
//   4 close stdin ─────► close ───────────────────────────────────────────► end of file (a terminal's never comes)
//   5 resize: rows u16, columns u16 ──────────────────────────────────────► SIGWINCH
//   6 signal: u8 ──────► kill ────────────────────────────────────────────► signal
//   7 detach ──────────► closes this client and leaves stdin as it is
//                        ◄───────────────────────────────────────────────── exits
//                        takes the output that is left, then writes exit=
//   ◄──── 3 exit: code u32 big-endian; then end of file (ECONNRESET if frames of the client were left unread)
//                        execve what follows "--", unless the foreground is still there: that does the same
//
// Usage: monitor KEY=VALUE… [-- ON-EXIT-ARGV…]
//   control=FD pid=N     the socket to the engine, and the child
//   dir=PATH             the folder of attach.sock; the other paths may be relative to it
//   exit=PATH            {"exitCode":137,"signal":9,"finishedAt":"…"}, complete or not there
//   exit-sync=0          a power cut may take that: nobody will ask for it then
//   log=PATH log-size=BYTES log-files=N
//   stdin=FD stdout=FD stderr=FD   our ends of the container's pipes, or
//   console=FD rows=N cols=N       a socket on which its terminal will come, and the terminal's size
//   stdin-once=1         stdin ends with the last client
//   client=FD            the foreground

#include "attach.h"
#include "log.h"
#include "protocol.h"
#include "streams.h"

#include <linux/wait.h>

// ---- What we are asked for -----------------------------------------------------------------------------------------

static i64 control = -1, foreground = -1, stdin_pipe = -1, stdout_pipe = -1, stderr_pipe = -1;
static const char *dir, *exit_path;
static i64 exit_sync = 1;

static const struct option {
  const char *key;
  i64 *number;
  const char **text;
} options[] = {
    {"control=", &control, 0},
    {"pid=", &pid, 0},
    {"dir=", 0, &dir},
    {"exit=", 0, &exit_path},
    {"exit-sync=", &exit_sync, 0},
    {"log=", 0, &container_log.path},
    {"log-size=", &container_log.most_bytes, 0},
    {"log-files=", &container_log.files, 0},
    {"stdin=", &stdin_pipe, 0},
    {"stdout=", &stdout_pipe, 0},
    {"stderr=", &stderr_pipe, 0},
    {"console=", &console, 0},
    {"rows=", &rows, 0},
    {"cols=", &columns, 0},
    {"stdin-once=", &stdin_once, 0},
    {"client=", &foreground, 0},
};

static void tell_engine(u32 kind, u32 index, i64 result) {
  struct report packet = {.kind = kind, .index = index, .result = result};
  sys(__NR_sendto, control, &packet, sizeof packet, MSG_NOSIGNAL);
}

// A container that nobody watches must not start.
static __attribute__((noreturn)) void fail(enum monitor_stage stage, i64 error) {
  tell_engine(REPORT_MONITOR_FAILED, stage, error);
  if (pid > 1) {
    signal_child(SIGKILL);
    sys(__NR_wait4, pid, 0, __WALL, 0);
  }
  quit(1);
}

static int must(enum monitor_stage stage, i64 result) {
  if (result < 0) fail(stage, result);
  return (int)result;
}

static int accept_option(const char *argument) {
  for (const struct option *o = options; o < options + COUNT(options); o++) {
    const char *value = after(argument, o->key);
    if (!value) continue;
    if (o->text) *o->text = value;
    else *o->number = number(value);
    return o->text ? length(value) < PATH_MAX - 24 : *o->number >= 0;
  }
  return 0;
}

// Returns the program to become at the end, or NULL.
static char **parse(char **arguments) {
  int good = 1;
  for (; *arguments && !equal(*arguments, "--"); arguments++) good &= accept_option(*arguments);
  if (!good || pid < 2 || !dir || !exit_path) fail(MONITOR_ARGUMENTS, -EINVAL);
  return *arguments && arguments[1] ? arguments + 1 : 0;
}

// ---- Output --------------------------------------------------------------------------------------------------------

static struct source {
  int fd;
  u8 type;
  const char *name;
  u8 *line;
  u32 held;  // bytes of an unfinished line: clients have had them, the log has not
} sources[2];

static u8 lines[COUNT(sources)][CHUNK];

static void begin_source(u32 i, i64 fd, u8 type, const char *name) {
  sources[i] = (struct source){.fd = (int)fd, .type = type, .name = name, .line = lines[i]};
  if (fd >= 0) make_nonblocking(sources[i].fd);
}

static void end_source(struct source *source) {
  if (source->held) log_part(source->name, source->line, source->held);
  if (source->fd >= 0 && source->fd != terminal) sys(__NR_close, source->fd);
  source->fd = -1;
  source->held = 0;
}

// Logs what is complete of the line buffer's `count` bytes and keeps the unfinished line at its front.
static void log_output(struct source *source, u32 count) {
  u32 logged = log_lines(source->name, source->line, source->held, count);
  if (count - logged == CHUNK) log_part(source->name, source->line, logged = count);
  source->held = count - logged;
  memmove(source->line, source->line + logged, source->held);
}

// Takes what is there: to the clients as it is, to the log as lines. Returns the number of bytes.
static u32 take_output(struct source *source) {
  u8 *free = source->line + source->held;
  i64 got = sys(__NR_read, source->fd, free, CHUNK - source->held);
  if (got == -EAGAIN) return 0;
  if (got <= 0) {  // a pipe ends with 0, a terminal with EIO
    end_source(source);
    return 0;
  }
  deliver(source->type, free, (u32)got);
  if (container_log.path) log_output(source, source->held + (u32)got);
  return (u32)got;
}

static void begin_terminal(void) {
  int fd = take_terminal();
  if (console >= 0) return;
  input = fd;
  input_is_full = 0;
  sources[0].fd = fd;
}

// ---- The life of a container ---------------------------------------------------------------------------------------

static int signals, child, exit_fd;

// The exit status gets its room now: at the end the disk may be full.
static int make_room_for_exit(char *draft) {
  static const char blank[96];
  *append(append(draft, exit_path), ".draft") = 0;
  int fd = must(MONITOR_EXIT_FILE, sys(__NR_openat, AT_FDCWD, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (sys(__NR_write, fd, blank, sizeof blank) != sizeof blank) fail(MONITOR_EXIT_FILE, -ENOSPC);
  return fd;
}

static void set_up(void) {
  char draft[PATH_MAX];
  must(MONITOR_DIR, sys(__NR_chdir, dir));
  exit_fd = make_room_for_exit(draft);
  if (container_log.path) must(MONITOR_LOG, open_log());
  for (u32 i = 0; i < MOST_CLIENTS; i++) clients[i].fd = -1;
  if (foreground >= 0) welcome(clients, (int)foreground);
  must(MONITOR_ATTACH, listen_for_clients());

  const u64 all = ~0ull, default_action[4] = {0};
  sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, 0, sizeof all);
  // Who ignores SIGCHLD gets no exit status, and the program that started us may have.
  sys(__NR_rt_sigaction, SIGCHLD, default_action, 0, sizeof all);
  signals = must(MONITOR_CHILD, sys(__NR_signalfd4, -1, &all, sizeof all, O_CLOEXEC | O_NONBLOCK));
  child = must(MONITOR_CHILD, sys(__NR_pidfd_open, pid, 0));

  input = (int)stdin_pipe;
  input_is_full = console >= 0;  // until the terminal comes
  if (input >= 0) make_nonblocking(input);
  begin_source(0, stdout_pipe, STDOUT, "stdout");
  begin_source(1, stderr_pipe, STDERR, "stderr");
}

// Places in the list of what is watched.
enum { SIGNALS, CHILD, LISTENER, CONSOLE, INPUT, SOURCES };
enum { CLIENTS = SOURCES + COUNT(sources), ALL = CLIENTS + MOST_CLIENTS };

// A descriptor without events isn't watched at all: the kernel would report its hang-up over and over.
static struct pollfd watching(i64 fd, int events) {
  return (struct pollfd){.fd = events ? (int)fd : -1, .events = (short)events};
}

static void watch_clients(struct pollfd *polls) {
  for (u32 i = 0; i < MOST_CLIENTS; i++)
    polls[i] = watching(clients[i].fd, (is_heard(clients + i) ? POLLIN : 0) | (clients[i].to ? POLLOUT : 0));
}

// Sleeps until something happens, and deals with it. Returns whether the child lives on.
static int live(void) {
  struct pollfd polls[ALL];
  polls[SIGNALS] = watching(signals, POLLIN);
  polls[CHILD] = watching(child, POLLIN);
  polls[LISTENER] = watching(listener, POLLIN);
  polls[CONSOLE] = watching(console, POLLIN);
  polls[INPUT] = watching(input, input_is_full ? POLLOUT : 0);
  for (u32 i = 0; i < COUNT(sources); i++)
    polls[SOURCES + i] = watching(sources[i].fd, is_foreground_behind() ? 0 : POLLIN);
  watch_clients(polls + CLIENTS);
  sys(__NR_ppoll, polls, ALL, 0, 0, 0);

  if (polls[SIGNALS].revents) pass_signals_on(signals);
  if (polls[CONSOLE].revents) begin_terminal();
  if (polls[INPUT].revents) input_is_full = 0;
  for (u32 i = 0; i < MOST_CLIENTS; i++)
    if (polls[CLIENTS + i].revents) serve(clients + i, polls[CLIENTS + i].revents);
  if (polls[LISTENER].revents) admit();
  for (u32 i = 0; i < COUNT(sources); i++)
    if (polls[SOURCES + i].revents && !is_foreground_behind()) take_output(sources + i);
  return !polls[CHILD].revents;
}

// Processes the child has left behind may hold the pipes open for ever, so what is there now is what there is.
static void take_what_is_left(void) {
  if (console >= 0) begin_terminal();
  for (struct source *source = sources; source < sources + COUNT(sources); source++) {
    u32 got = 1;
    for (u32 all = 0; source->fd >= 0 && got && all < MOST_LEFT; all += got) got = take_output(source);
    end_source(source);
  }
  if (container_log.path) write_gathered();
}

// Written, on disk, and only then under its name. The clients wait for this too, and a busy disk for long.
static void record_exit(u32 code, u32 signal) {
  char draft[PATH_MAX], text[96], *end = append(text, "{\"exitCode\":");
  end = append(decimal(end, code, 1), ",\"signal\":");
  end = append(decimal(end, signal, 1), ",\"finishedAt\":\"");
  end = append(append_time(end), "\"}\n");
  sys(__NR_pwrite64, exit_fd, text, end - text, 0);
  sys(__NR_ftruncate, exit_fd, end - text);
  if (exit_sync) sys(__NR_fsync, exit_fd);
  *append(append(draft, exit_path), ".draft") = 0;
  sys(__NR_renameat2, AT_FDCWD, draft, AT_FDCWD, exit_path, 0);
}

// Those who connected before the socket's name was gone are told too.
static void tell_clients(u32 code) {
  u8 payload[] = {0, 0, 0, (u8)code};
  sys(__NR_unlinkat, AT_FDCWD, "attach.sock", 0);
  admit();
  deliver(EXIT, payload, sizeof payload);
}

static int is_anyone_behind(void) {
  for (u32 i = 0; i < MOST_CLIENTS; i++)
    if (clients[i].fd >= 0 && clients[i].to) return 1;
  return 0;
}

// Somebody may look at the last page of `mini-docker run … | less` for hours. What comes after the container can't wait
// for that, so a copy of us stays behind until each client has had its frames.
static void hand_over_the_rest(void) {
  if (!is_anyone_behind() || sys(__NR_clone, SIGCHLD, 0, 0, 0, 0) != 0) return;
  while (is_anyone_behind()) {
    struct pollfd polls[MOST_CLIENTS];
    for (u32 i = 0; i < MOST_CLIENTS; i++) polls[i] = watching(clients[i].fd, clients[i].to ? POLLOUT : 0);
    sys(__NR_ppoll, polls, MOST_CLIENTS, 0, 0, 0);
    for (u32 i = 0; i < MOST_CLIENTS; i++)
      if (polls[i].revents) send_pending(clients + i);
  }
  quit(0);
}

// Nothing of us is left in what follows: no descriptor, no blocked or waiting signal, no folder that is to be removed.
static void become(char **arguments, char **environment) {
  const u64 none = 0;
  pass_signals_on(signals);
  sys(__NR_chdir, "/");
  sys(__NR_close_range, 3, ~0u, 0);
  sys(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none);
  sys(__NR_execve, arguments[0], arguments, environment);
}

int main(int argc, char **argv, char **envp) {
  char **on_exit = parse(argv + (argc > 0));
  set_up();
  tell_engine(REPORT_READY, 0, 0);
  sys(__NR_close, control);

  while (live()) continue;

  u32 status = 0;
  sys(__NR_wait4, pid, &status, __WALL, 0);
  pid = -1;
  u32 signal = status & 0x7f, code = signal ? 128 + signal : status >> 8 & 0xff;
  take_what_is_left();
  record_exit(code, signal);
  // Whoever is in the foreground still sees to what comes after, sooner than a new program could.
  if (clients[0].fd >= 0) on_exit = 0;
  tell_clients(code);
  hand_over_the_rest();
  if (on_exit) become(on_exit, envp);
  quit(on_exit ? 127 : 0);
}
