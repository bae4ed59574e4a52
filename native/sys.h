// The ground the programs of this folder stand on: Linux, and nothing else.
//
// They are built without the C library. What is left of C is small: a way into the kernel (`sys`), a way in from the
// kernel (`_start`), the four functions every C compiler calls behind our back, and a few lines for text. In return a
// program is a few kB, starts in microseconds, has no dynamic linker to be led astray inside a container, and does
// exactly the system calls that one reads in its source.
//
// Numbers, structs and flags come from the kernel's own headers (<linux/…>, <asm/…>), never from libc's.
//
// With -DHOSTED the same sources are built on libc's start-up, so that the sanitizers can watch them in tests.

#pragma once
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 i32;
typedef __s64 i64;
typedef __SIZE_TYPE__ size_t;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// ---- Into the kernel -----------------------------------------------------------------------------------------------

// One system call: number, up to six arguments, and a result that is -errno on failure. See syscall(2), which has the
// table of registers this follows.
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#else
#error "mini-docker knows the system calls of x86-64 and arm64"
#endif
}

// sys(__NR_close, fd): pointers and numbers alike, and as many of the six arguments as the call has.
#define sys(...) SYS_PADDED(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define SYS_PADDED(number, a, b, c, d, e, f, ...) \
  syscall6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline __attribute__((noreturn)) void quit(int code) {
  for (;;) sys(__NR_exit_group, code);
}

// ---- In from the kernel --------------------------------------------------------------------------------------------

int main(int argc, char **argv, char **envp);

#ifndef HOSTED

// A program starts with no return address and its stack holding argc, the arguments, NULL, the environment, NULL
// (System V ABI, "process initialization"). `_start` only aligns the stack and hands that address on.
__asm__(
    ".globl _start\n"
    "_start:\n"
#if defined(__x86_64__)
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call start_c\n"
#else
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x0, sp\n"
    "  bl start_c\n"
#endif
);

static __attribute__((used, noreturn)) void start_c(long *stack) {
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1);
  quit(main(argc, argv, argv + argc + 1));
}

// A compiler may turn an assignment or a loop into a call of one of these, even without a library. The empty asm keeps
// it from recognising these very loops and making each function call itself.
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

void *memcpy(void *to, const void *from, size_t bytes) {
  u8 *t = to;
  for (const u8 *f = from; bytes; bytes--) {
    OPAQUE(t);
    *t++ = *f++;
  }
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  if ((u8 *)to <= (const u8 *)from) return memcpy(to, from, bytes);
  u8 *t = (u8 *)to + bytes;
  for (const u8 *f = (const u8 *)from + bytes; bytes; bytes--) {
    OPAQUE(t);
    *--t = *--f;
  }
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  for (u8 *t = to; bytes; bytes--) {
    OPAQUE(t);
    *t++ = (u8)value;
  }
  return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
  const u8 *l = left, *r = right;
  for (; bytes; bytes--, l++, r++) {
    OPAQUE(l);
    if (*l != *r) return *l - *r;
  }
  return 0;
}

#else

void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);

#endif

// ---- Text ----------------------------------------------------------------------------------------------------------

static inline size_t length(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}

// What follows `prefix` in `text`, or NULL when `text` doesn't start so: after("pid=12", "pid=") is "12".
static inline const char *after(const char *text, const char *prefix) {
  for (; *prefix; prefix++, text++)
    if (*text != *prefix) return 0;
  return text;
}

static inline int equal(const char *left, const char *right) {
  const char *rest = after(left, right);
  return rest && !*rest;
}

// The number at the start of `text`, decimal, leading zeros allowed; -1 when there is none or it has over 18 digits.
static inline i64 number(const char *text) {
  i64 value = 0;
  if (*text < '0' || *text > '9') return -1;
  while (*text == '0') text++;
  for (int digits = 0; *text >= '0' && *text <= '9'; text++) {
    if (++digits > 18) return -1;
    value = value * 10 + (*text - '0');
  }
  return value;
}

// `10.8.0.1` as it lies in a packet: four bytes.
static inline void parse_address(const char *text, u8 *address) {
  for (u32 n = 0; n < 4; n++) {
    address[n] = (u8)number(text);
    while (*text && *text != '.') text++;
    text += *text == '.';
  }
}

// Writes `value` in decimal, filled up with zeros to `width` digits; returns the end, where no NUL is written.
// A buffer of 20 bytes is enough for any value.
static inline char *decimal(char *to, u64 value, int width) {
  char digits[20];
  int n = 0;
  do digits[n++] = (char)('0' + value % 10);
  while ((value /= 10) || n < width);
  while (n) *to++ = digits[--n];
  return to;
}

// Copies `text` without its NUL and returns the end: to = append(append(to, "a"), "b").
static inline char *append(char *to, const char *text) {
  while (*text) *to++ = *text++;
  return to;
}
