// The container's end of things, as the monitor holds it: pipes, or the terminal that takes their place, and signals.

#pragma once
#include "sys.h"

#include <asm/socket.h>
#include <asm/termios.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <linux/uio.h>

// Numbers and structures that the kernel's exported headers leave to libc's.
enum { AF_UNIX = 1, SOCK_STREAM = 1, SCM_RIGHTS = 1 };
enum { MSG_PEEK = 0x2, MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000 };

struct message {  // struct msghdr
  void *name;
  u64 name_length;
  struct iovec *parts;
  u64 part_count;
  void *control;
  u64 control_length;
  u64 flags;
};

static void make_nonblocking(int fd) {
  sys(__NR_fcntl, fd, F_SETFL, sys(__NR_fcntl, fd, F_GETFL) | O_NONBLOCK);
}

// ---- Signals -------------------------------------------------------------------------------------------------------

static i64 pid = -1;  // the child, or less than 2 when there is none

static void signal_child(u32 signal) {
  if (pid > 1) sys(__NR_kill, pid, signal);
}

static int is_passed_on(u32 signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM || signal == SIGUSR1 ||
         signal == SIGUSR2 || signal == SIGWINCH;
}

// All signals are blocked and queue up in this descriptor instead, so that none can interrupt anything.
static void pass_signals_on(int signals) {
  struct signalfd_siginfo signal;
  while (sys(__NR_read, signals, &signal, sizeof signal) == sizeof signal)
    if (is_passed_on(signal.ssi_signo)) signal_child(signal.ssi_signo);
}

// ---- Terminal ------------------------------------------------------------------------------------------------------

static i64 console = -1;  // the socket on which it will come
static int terminal = -1;
static i64 rows, columns;

static void resize(u16 new_rows, u16 new_columns) {
  struct winsize size = {.ws_row = new_rows, .ws_col = new_columns};
  rows = new_rows;
  columns = new_columns;
  if (terminal >= 0 && (rows || columns)) sys(__NR_ioctl, terminal, TIOCSWINSZ, &size);
}

// Receives the descriptor that a message carries with SCM_RIGHTS. -ENOMSG: it carries none, or the socket has ended.
static i64 receive_descriptor(int socket) {
  struct {
    u64 length;
    i32 level, type;
    i32 fd, pad;
  } rights = {.fd = -1};
  char byte;
  struct iovec part = {&byte, 1};
  struct message message = {.parts = &part, .part_count = 1, .control = &rights, .control_length = sizeof rights};
  i64 got = sys(__NR_recvmsg, socket, &message, MSG_DONTWAIT);
  if (got < 0) return got;
  return rights.level == SOL_SOCKET && rights.type == SCM_RIGHTS ? rights.fd : -ENOMSG;
}

// The pty is opened inside, on the container's own devpts, and its master comes to us, once. Returns it, or -1: not
// yet, or (when `console` is closed) never.
static int take_terminal(void) {
  i64 fd = receive_descriptor((int)console);
  if (fd == -EAGAIN) return -1;
  sys(__NR_close, console);
  console = -1;
  if (fd < 0) return -1;
  terminal = (int)fd;
  make_nonblocking(terminal);
  // With its other side held open here too, it doesn't hang up whenever the container closes its last descriptor of it.
  sys(__NR_ioctl, terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  resize((u16)rows, (u16)columns);
  return terminal;
}

// ---- Input ---------------------------------------------------------------------------------------------------------

static int input = -1;
static int input_is_full;

// A terminal's input doesn't end before the terminal does.
static void close_input(void) {
  if (console >= 0 || terminal >= 0) return;
  if (input >= 0) sys(__NR_close, input);
  input = -1;
  input_is_full = 0;
}

// Returns how many bytes were taken; 0 when the container has to read first. What nobody will ever read is taken too.
static u32 put_in(const u8 *bytes, u32 count) {
  i64 put = input >= 0 ? sys(__NR_write, input, bytes, count) : count;
  input_is_full = put == -EAGAIN;
  if (input_is_full) return 0;
  if (put < 0) close_input();
  return put < 0 ? count : (u32)put;
}
