// The launcher carries out a list of system calls. It knows no containers: what to call, with which arguments and in
// which order is decided in TypeScript (src/10-containers/plan.ts) and arrives as a program (program.h).
//
// It is a C program because two things can't be done from inside Node: a process with threads can't give itself new
// namespaces, and it can't fork. Everything else stays outside.
//
//   engine (Node)              launcher                          child
//   ─────────────              ────────                          ─────
//   spawn, fds 3 and 4 ──────► map the program from 4
//                              before[0] … before[n-1]
//                              the last one is clone3 ─────────► inside[0]: read a byte from 3
//   ◄─────────────── SPLIT pid ┘                                    ┆
//   beside[…]: uid maps, cgroups                                    ┆
//   beside: write(3, "go") ────────────────────────────────────► inside[1] …
//                              after[…]: execve monitor
//   ◄──────────────────────────────────────── READY ┘
//   record "running"                                             inside: read a byte from 3
//   beside: write(3, "go") ────────────────────────────────────► … EXEC: execve
//   ◄─────────────────────────────────────────── end of file: fd 3 closes on execve
//
// A failing step ends the process that made it: FAILED {list, step, errno}. The end of file on 3, where a byte was
// awaited, is such a failure too, so a child whose engine was killed never lives on half made.
//
// Executed in the engine's own place (src/01-syscalls/become.ts) it has no line at 3: `before` ends with an execve, and
// whoever sits at the terminal is told of a failure.

#include "protocol.h"
#include "program.h"

#include <linux/mman.h>
#include <linux/stat.h>
#include <linux/time.h>

enum { CONTROL = 3, PROGRAM = 4 };
enum { REGISTER_CONTROL = 0, REGISTER_PID = 1, MOST_REGISTERS = 1024 };

static u8 *base;
static i64 registers[MOST_REGISTERS];
static u64 began;  // when the step that is being made was begun

static u64 now(void) {
  struct __kernel_timespec time;
  sys(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, &time);
  return (u64)time.tv_sec * 1000000000 + (u64)time.tv_nsec;
}

// On whatever number the line has by now: a program may want number 3 for itself, and steps have moved the line, or cut it.
static i64 report(u32 kind, u32 list, u32 index, i64 result, u64 ns) {
  struct report packet = {.kind = kind, .list = list, .index = index, .result = result, .ns = ns};
  return sys(__NR_write, registers[REGISTER_CONTROL], &packet, sizeof packet);
}

static __attribute__((noreturn)) void fail(u32 list, u32 index, i64 result) {
  if (report(REPORT_FAILED, list, index, result, 0) < 0) {
    char text[128], *end = append(text, "mini-docker: call ");
    end = append(decimal(end, index + 1, 1), " of the launcher's list failed: error ");
    end = append(decimal(end, (u64)-result, 1), "\n");
    sys(__NR_write, 2, text, (size_t)(end - text));
  }
  quit(125);
}

static int contains(const u16 *errnos, int most, i64 result) {
  for (int i = 0; i < most && errnos[i]; i++)
    if (result == -(i64)errnos[i]) return 1;
  return 0;
}

static void insert_decimal(u8 *at, u64 value, u32 rest) {
  char digits[20];
  size_t count = (size_t)(decimal(digits, value, 1) - digits);
  memmove(at + count, at, rest);
  memcpy(at, digits, count);
}

// Puts earlier results where this step wants them. Returns the first that is no result but an allowed failure, or 0.
static i64 patch_before(const struct step *step) {
  const struct patch *patches = (const struct patch *)(base + step->patches_at);
  for (u32 i = 0; i < step->patches; i++) {
    i64 value = registers[patches[i].reg];
    u8 *at = base + patches[i].at;
    if (patches[i].kind == PATCH_OUT) continue;
    if (value < 0) return value;
    if (patches[i].kind == PATCH_WORD) *(i64 *)at = value;
    if (patches[i].kind == PATCH_HALF) *(u32 *)at = (u32)value;
    if (patches[i].kind == PATCH_DECIMAL) insert_decimal(at, (u64)value, patches[i].rest);
  }
  return 0;
}

static void patch_after(const struct step *step) {
  const struct patch *patches = (const struct patch *)(base + step->patches_at);
  for (u32 i = 0; i < step->patches; i++)
    if (patches[i].kind == PATCH_OUT) registers[patches[i].reg] = *(i32 *)(base + patches[i].at);
}

static i64 call(const struct step *step) {
  const u64 *a = step->args;
  i64 result;
  do result = sys(step->number, a[0], a[1], a[2], a[3], a[4], a[5]);
  while (contains(step->retry, COUNT(step->retry), result));
  return result;
}

// Makes one step. A result is kept, an allowed failure too (steps that would use it are left out); any other failure
// is the end.
static i64 carry_out(const struct step *step, u32 list, u32 index) {
  i64 result = patch_before(step);
  if (result == 0) {
    result = call(step);
    int allowed = result < 0 && contains(step->allow, COUNT(step->allow), result);
    if (result < 0 && !allowed) fail(list, index, result);
    if (result >= 0 && result < step->at_least) fail(list, index, -EPIPE);
    if (result >= 0) patch_after(step);
  }
  if (step->as >= 0) registers[step->as] = result;
  return result;
}

// What the kernel wrote into arrays, as the two ends of a pipe: a step's result alone doesn't say.
static void tell_outs(const struct step *step, u32 list, u32 index) {
  const struct patch *patches = (const struct patch *)(base + step->patches_at);
  for (u32 i = 0; i < step->patches; i++)
    if (patches[i].kind == PATCH_OUT) report(REPORT_OUT, list, index, registers[patches[i].reg], 0);
}

// With STEPPING the engine looks at /proc between two steps, so each one waits to be let go on.
static void tell(const struct program *program, const struct step *step, u32 list, u32 index, i64 result) {
  u8 byte;
  if (program->flags & TRACE) {
    u64 took = now() - began;
    if (result >= 0) tell_outs(step, list, index);
    report(REPORT_STEP, list, index, result, took);
  }
  if (program->flags & STEPPING && list != AFTER && sys(__NR_read, registers[REGISTER_CONTROL], &byte, 1) != 1)
    quit(125);
}

// execve is the one call that does not come back when all is well, so the engine is told before it is made.
static i64 become(const struct step *step, u32 list, u32 index) {
  report(REPORT_EXEC, list, index, 0, 0);
  i64 result = carry_out(step, list, index);
  report(REPORT_EXEC, list, index, result, 0);
  return result;
}

static int is_exec(const struct step *step) {
  return step->number == __NR_execve || step->number == __NR_execveat;
}

// Carries out a whole list and returns the last result. Where the last step of `before` splits the process, both
// halves return, so that step is never reported from here.
static i64 run(const struct program *program, u32 list) {
  const struct step *steps = (const struct step *)(base + program->lists[list].at);
  u32 count = program->lists[list].count;
  i64 result = 0;
  for (u32 i = 0; i < count; i++) {
    if (program->flags & TRACE) began = now();
    int exec = list == INSIDE && is_exec(&steps[i]);
    result = exec ? become(&steps[i], list, i) : carry_out(&steps[i], list, i);
    if (list != BEFORE || i < count - 1) tell(program, &steps[i], list, i, result);
  }
  return result;
}

static const struct program *map_program(void) {
  i64 size = sys(__NR_lseek, PROGRAM, 0, 2 /* SEEK_END */);
  i64 at = sys(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, PROGRAM, 0);
  if (size < (i64)sizeof(struct program) || at < 0) fail(BEFORE, 0, at < 0 ? at : -EINVAL);
  sys(__NR_close, PROGRAM);
  base = (u8 *)at;
  const struct program *program = (const struct program *)base;
  if (program->magic != PROGRAM_MAGIC || program->registers > MOST_REGISTERS) fail(BEFORE, 0, -ENOEXEC);
  const u32 *relocations = (const u32 *)(base + program->relocations_at);
  for (u32 i = 0; i < program->relocations; i++) *(u64 *)(base + relocations[i]) += (u64)base;
  return program;
}

int main(int argc, char **argv, char **envp) {
  (void)argc, (void)argv, (void)envp;
  // Its closing tells the engine that a program has taken over, so no program may keep it by accident.
  i64 marked = sys(__NR_fcntl, CONTROL, 2 /* F_SETFD */, 1 /* FD_CLOEXEC */);
  registers[REGISTER_CONTROL] = marked < 0 ? marked : CONTROL;
  const struct program *program = map_program();
  i64 pid = run(program, BEFORE);
  if (pid == 0) {
    run(program, INSIDE);
    quit(0);
  }
  registers[REGISTER_PID] = pid;
  report(REPORT_SPLIT, BEFORE, program->lists[BEFORE].count - 1, pid, now() - began);
  run(program, AFTER);
  quit(0);
}
