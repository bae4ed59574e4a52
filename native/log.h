// The log of a container: every byte it wrote, as lines of CRI's format, `TIME STREAM TAG TEXT\n`.
//
//   2016-10-06T00:17:09.669794202Z stdout F the output had a newline here
//   2016-10-06T00:17:09.669794202Z stdout P it had none: this line is longer than 16 kB, or the stream ended
//
// Joining TEXT, plus a newline after each F, gives the output back byte by byte; there is nothing to escape. The kernel
// does the rest: O_APPEND keeps writes whole and in order, rename turns LOG into LOG.1 while its readers read on.

#pragma once
#include "sys.h"

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/time.h>
#include <linux/uio.h>

enum { CHUNK = 16384, SEEK_TO_END = 2 };

// ---- Time ----------------------------------------------------------------------------------------------------------

// Days since 1970 to year, month, day. Years are counted from March, so that the leap day is a year's last day and
// month lengths repeat every five months; 146097 days are 400 years.
static char *append_date(char *to, u64 days) {
  u64 shifted = days + 719468, day_of_era = shifted % 146097;
  u64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  u64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  u64 month = (5 * day_of_year + 2) / 153;
  u64 year = shifted / 146097 * 400 + year_of_era + (month >= 10);
  to = append(decimal(to, year, 4), "-");
  to = append(decimal(to, month < 10 ? month + 3 : month - 9, 2), "-");
  return decimal(to, day_of_year - (153 * month + 2) / 5 + 1, 2);
}

enum { STAMP = sizeof "2016-10-06T00:17:09.669794202Z" - 1 };

static char *append_time(char *to) {
  struct __kernel_timespec now;
  sys(__NR_clock_gettime, 0 /* CLOCK_REALTIME */, &now);
  u64 seconds = (u64)now.tv_sec;
  to = append(append_date(to, seconds / 86400), "T");
  to = append(decimal(to, seconds / 3600 % 24, 2), ":");
  to = append(decimal(to, seconds / 60 % 60, 2), ":");
  to = append(decimal(to, seconds % 60, 2), ".");
  return append(decimal(to, (u64)now.tv_nsec, 9), "Z");
}

// ---- The file and its predecessors ---------------------------------------------------------------------------------

static struct {
  const char *path;  // NULL: no log is kept
  i64 most_bytes;    // no file grows larger, unless by a single line or a note; 0: any size
  i64 files;         // this one and its predecessors

  int fd;
  i64 size;
  u64 lost;  // bytes of output that the disk refused
  i64 refusal;

  // Lines read together are written together, in one writev. The first part is kept free for a note.
  struct iovec parts[1 + 3 * 20];
  u32 count;
  u64 bytes, output;  // in `parts`: bytes of the file, and bytes of the container's output among them
  char head[STAMP + sizeof " stdout F "];
  char note[STAMP + 90];
} container_log = {.fd = -1, .files = 1, .count = 1};

static i64 open_log(void) {
  container_log.size = 0;
  i64 fd = sys(__NR_openat, AT_FDCWD, container_log.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  container_log.fd = (int)fd;
  if (fd < 0) return fd;
  container_log.size = sys(__NR_lseek, fd, 0, SEEK_TO_END);
  // A monitor that was killed may have left half a line.
  char last = '\n';
  if (container_log.size > 0) sys(__NR_pread64, fd, &last, 1, container_log.size - 1);
  if (last != '\n' && sys(__NR_write, fd, "\n", 1) == 1) container_log.size++;
  return 0;
}

// LOG for 0, LOG.1 for 1 …
static const char *numbered(char *to, i64 n) {
  char *end = append(to, container_log.path);
  if (n) end = decimal(append(end, "."), (u64)n, 1);
  *end = 0;
  return to;
}

// Readers that follow the log see by its inode that there is a new one; truncated under them, it would be torn.
static void rotate_log(void) {
  char from[PATH_MAX], to[PATH_MAX];
  sys(__NR_close, container_log.fd);
  for (i64 n = container_log.files - 1; n > 0; n--)
    sys(__NR_renameat2, AT_FDCWD, numbered(from, n - 1), AT_FDCWD, numbered(to, n), 0);
  if (container_log.files <= 1) sys(__NR_unlinkat, AT_FDCWD, container_log.path, 0);
  open_log();
}

// ---- Writing -------------------------------------------------------------------------------------------------------

static u64 write_note(char *note) {
  if (!container_log.lost) return 0;
  i64 error = -container_log.refusal;
  char *end = append(append_time(note), " stderr F [mini-docker: ");
  end = append(decimal(end, container_log.lost, 1), " bytes of log lost: ");
  end = error == ENOSPC || error == EDQUOT ? append(end, "disk full") : decimal(append(end, "error "), (u64)error, 1);
  return (u64)(append(end, "]\n") - note);
}

// Writes what is gathered. A full disk must not stop the container: what the disk refuses is counted, and the count is
// written as soon as there is room again. A line is in the log whole or not at all.
static void write_gathered(void) {
  container_log.parts[0] = (struct iovec){container_log.note, write_note(container_log.note)};
  i64 bytes = (i64)(container_log.bytes + container_log.parts[0].iov_len);
  if (bytes > 0 && container_log.fd < 0) open_log();
  i64 wrote = bytes > 0 ? sys(__NR_writev, container_log.fd, container_log.parts, container_log.count) : 0;
  if (wrote == bytes) {
    container_log.lost = 0;
    container_log.size += bytes;
  } else {
    if (wrote > 0) sys(__NR_ftruncate, container_log.fd, sys(__NR_lseek, container_log.fd, 0, SEEK_TO_END) - wrote);
    container_log.refusal = wrote < 0 ? wrote : -ENOSPC;
    container_log.lost += container_log.output;
  }
  container_log.count = 1;
  container_log.bytes = container_log.output = 0;
}

static void gather(const void *bytes, u64 count) {
  container_log.parts[container_log.count++] = (struct iovec){(void *)bytes, count};
  container_log.bytes += count;
}

// `text` ends with its newline, unless `ending` brings the one that only the log needs.
static void gather_line(const u8 *text, u64 count, const char *ending) {
  u64 head = length(container_log.head), line = head + count + length(ending);
  i64 size = container_log.size + (i64)container_log.bytes;
  if (container_log.most_bytes && size > 0 && size + (i64)line > container_log.most_bytes) {
    write_gathered();
    rotate_log();
  }
  if (container_log.count + 3 > COUNT(container_log.parts)) write_gathered();
  gather(container_log.head, head);
  gather(text, count);
  if (*ending) gather(ending, 1);
  container_log.output += count;
}

static void begin_lines(const char *stream, const char *tag) {
  char *end = append(append(append_time(container_log.head), " "), stream);
  *append(append(append(end, " "), tag), " ") = 0;
}

// Logs the lines in `text`, whose first `seen` bytes are known to have no newline. Returns how many of the `count`
// bytes were logged; the unfinished line after them is asked for again, with more bytes.
static u32 log_lines(const char *stream, const u8 *text, u32 seen, u32 count) {
  u32 logged = 0;
  begin_lines(stream, "F");
  for (u32 at = seen; at < count; at++) {
    if (text[at] != '\n') continue;
    gather_line(text + logged, at + 1 - logged, "");
    logged = at + 1;
  }
  write_gathered();
  return logged;
}

// Logs part of a line: it is too long to wait for its end, or there will be none.
static void log_part(const char *stream, const u8 *text, u32 count) {
  begin_lines(stream, "P");
  gather_line(text, count, "\n");
  write_gathered();
}
