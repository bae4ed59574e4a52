// Clients: those who see what the container writes and may type into it. They speak in frames, Docker's:
//
//   [type, 0, 0, 0, length as u32 big-endian] payload
//
// There are two kinds of clients. While the foreground is slow the container's output isn't read, as with any pipe. The
// clients of attach.sock never slow anything: who is a socket buffer and a frame behind is let go.

#pragma once
#include "log.h"
#include "streams.h"

#include <linux/poll.h>
#include <linux/un.h>

enum frame_type { STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN, RESIZE, SIGNAL, DETACH };
enum { FRAME_HEAD = 8, EXIT_FRAME = FRAME_HEAD + 4, MOST_CLIENTS = 16 };

// No pipe holds more than 1 MiB, unless root has raised /proc/sys/fs/pipe-max-size.
enum { MOST_LEFT = 1 << 20 };

static i64 stdin_once;

static struct client {
  int fd;
  u32 got;         // bytes of the frame that is coming in, but for stdin's payload:
  u32 stdin_left;  // that goes from socket to pipe, and these are the bytes to come
  u8 frame[FRAME_HEAD + 4];
  u8 *pending;  // what the socket had no room for
  u32 room, from, to;
} clients[MOST_CLIENTS];

// One frame each; but when the container has ended, the foreground must not keep us from recording that, so everything
// that may be left in two pipes has room here. Memory that is never touched is never there.
static u8 backlogs[MOST_CLIENTS][FRAME_HEAD + CHUNK + EXIT_FRAME];
static u8 foreground_backlog[2 * MOST_LEFT + MOST_LEFT / 8];

static u8 scratch[CHUNK];

static int listener;

static i64 listen_for_clients(void) {
  struct sockaddr_un address = {AF_UNIX, "attach.sock"};
  i64 fd = sys(__NR_socket, AF_UNIX, SOCK_STREAM | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0) return fd;
  listener = (int)fd;
  sys(__NR_unlinkat, AT_FDCWD, address.sun_path, 0);
  // Whoever may write to this socket may type into the container.
  i64 umask = sys(__NR_umask, 0177);
  i64 bound = sys(__NR_bind, listener, &address, sizeof address);
  sys(__NR_umask, umask);
  return bound < 0 ? bound : sys(__NR_listen, listener, MOST_CLIENTS);
}

static void welcome(struct client *client, int fd) {
  u8 *pending = client == clients ? foreground_backlog : backlogs[client - clients];
  u32 room = client == clients ? sizeof foreground_backlog : sizeof backlogs[0];
  *client = (struct client){.fd = fd, .pending = pending, .room = room};
}

static void let_go(struct client *client) {
  sys(__NR_close, client->fd);
  client->fd = -1;
}

// Places 1 and up; the first is the foreground's.
static void admit(void) {
  for (i64 fd; (fd = sys(__NR_accept4, listener, 0, 0, O_CLOEXEC)) >= 0;) {
    struct client *client = clients + 1;
    while (client < clients + MOST_CLIENTS && client->fd >= 0) client++;
    if (client == clients + MOST_CLIENTS) {
      sys(__NR_close, fd);
      continue;
    }
    // How far a client may fall behind. Without root the kernel gives less: see net.core.wmem_max.
    i32 bytes = 2 << 20;
    if (sys(__NR_setsockopt, fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
      sys(__NR_setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    welcome(client, (int)fd);
  }
}

// Whoever connected before this client went, counts; so look at the door before deciding that nobody is left.
static void lose(struct client *client) {
  let_go(client);
  if (!stdin_once) return;
  admit();
  for (u32 i = 0; i < MOST_CLIENTS; i++)
    if (clients[i].fd >= 0) return;
  close_input();
}

static void send_pending(struct client *client) {
  i64 sent = sys(__NR_sendto, client->fd, client->pending + client->from, client->to - client->from,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == -EAGAIN) return;
  if (sent < 0) return lose(client);
  client->from += (u32)sent;
  if (client->from == client->to) client->from = client->to = 0;
}

static void send_frame(struct client *client, u8 type, const void *payload, u32 count) {
  u8 head[FRAME_HEAD] = {type, 0, 0, 0, (u8)(count >> 24), (u8)(count >> 16), (u8)(count >> 8), (u8)count};
  struct iovec parts[] = {{head, sizeof head}, {(void *)payload, count}};
  struct message message = {.parts = parts, .part_count = 2};
  i64 sent = client->to ? 0 : sys(__NR_sendmsg, client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == -EAGAIN) sent = 0;
  if (sent < 0 || client->to + FRAME_HEAD + count - (u64)sent > client->room) return lose(client);
  for (u32 i = 0; i < 2; i++) {
    u64 skip = (u64)sent < parts[i].iov_len ? (u64)sent : parts[i].iov_len;
    memcpy(client->pending + client->to, (u8 *)parts[i].iov_base + skip, parts[i].iov_len - skip);
    client->to += (u32)(parts[i].iov_len - skip);
    sent -= (i64)skip;
  }
}

static void deliver(u8 type, const void *bytes, u32 count) {
  for (u32 i = 0; i < MOST_CLIENTS; i++)
    if (clients[i].fd >= 0) send_frame(clients + i, type, bytes, count);
}

static int is_foreground_behind(void) {
  return clients[0].fd >= 0 && clients[0].to > 0;
}

// Moves stdin bytes on. They stay in the client's socket until the container takes them, so a full pipe slows this
// client, as it should, and no other.
static void feed(struct client *client) {
  u32 most = client->stdin_left < CHUNK ? client->stdin_left : CHUNK;
  i64 got = sys(__NR_recvfrom, client->fd, scratch, most, MSG_PEEK | MSG_DONTWAIT);
  if (got == -EAGAIN) return;
  if (got <= 0) return lose(client);
  u32 put = put_in(scratch, (u32)got);
  if (put) sys(__NR_recvfrom, client->fd, scratch, put, MSG_DONTWAIT);
  client->stdin_left -= put;
}

static void obey(struct client *client) {
  const u8 *frame = client->frame, *payload = frame + FRAME_HEAD;
  client->got = 0;
  if (frame[0] == CLOSE_STDIN) close_input();
  if (frame[0] == RESIZE) resize((u16)(payload[0] << 8 | payload[1]), (u16)(payload[2] << 8 | payload[3]));
  if (frame[0] == SIGNAL) signal_child(payload[0]);
  if (frame[0] == DETACH) let_go(client);
}

// The one size the payload of such a frame has, or -1: no client sends such frames.
static i64 payload_size(u8 type) {
  if (type == CLOSE_STDIN || type == DETACH) return 0;
  return type == RESIZE ? 4 : type == SIGNAL ? 1 : -1;
}

// Reads on in the frame that is coming in; it may come byte by byte.
static void listen_to(struct client *client) {
  if (client->stdin_left) return feed(client);
  u8 *frame = client->frame;
  u32 whole = FRAME_HEAD + (client->got < FRAME_HEAD ? 0 : (u32)payload_size(frame[0]));
  i64 got = sys(__NR_recvfrom, client->fd, frame + client->got, whole - client->got, MSG_DONTWAIT);
  if (got == -EAGAIN) return;
  if (got <= 0) return lose(client);
  client->got += (u32)got;
  if (client->got < FRAME_HEAD) return;
  u32 count = (u32)frame[4] << 24 | (u32)frame[5] << 16 | (u32)frame[6] << 8 | frame[7];
  if (frame[0] == STDIN) {
    client->stdin_left = count;
    client->got = 0;
  } else if (frame[1] || frame[2] || frame[3] || count != payload_size(frame[0])) {
    lose(client);
  } else if (client->got == FRAME_HEAD + count) {
    obey(client);
  }
}

static int is_heard(const struct client *client) {
  return !client->stdin_left || !input_is_full;
}

static void serve(struct client *client, short events) {
  if (events && client->to) send_pending(client);
  if (client->fd >= 0 && events & ~POLLOUT && is_heard(client)) listen_to(client);
}
