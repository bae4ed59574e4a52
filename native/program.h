// A program: system calls as bytes. src/01-syscalls/encode.ts lays it out, launcher.c carries it out.
//
//   struct program │ steps of before │ steps of inside │ steps of after │ heap │ relocations
//
// All places are offsets from the first byte. A relocation is the offset of a pointer to which the address the program
// was mapped at has to be added; a patch puts the result of an earlier step into place just before a call.

#pragma once
#include "sys.h"

enum { PROGRAM_MAGIC = 0x31504b4d };
enum { TRACE = 1, STEPPING = 2 };

struct list {
  u32 at, count;
};

enum list_name { BEFORE, INSIDE, AFTER };

struct program {
  u32 magic, size, flags;
  u32 relocations, relocations_at;  // how many u32 offsets, and where
  u32 registers;
  struct list lists[3];
};

struct step {
  u64 args[6];
  i64 at_least;  // a smaller result is a failure
  u32 number;    // of the system call
  i32 as;        // the register that keeps the result, or -1
  u32 patches_at, patches;
  u16 allow[8];  // errnos that are fine; 0 ends the list
  u16 retry[4];  // errnos after which the call is made again
};

enum patch_kind {
  PATCH_WORD = 1,     // store the register, 8 bytes
  PATCH_HALF = 2,     // store the register, 4 bytes
  PATCH_DECIMAL = 3,  // print the register here; the `rest` bytes that follow move behind it
  PATCH_OUT = 4,      // after the call: load the register from here, 4 bytes
};

struct patch {
  u32 kind, at, reg, rest;
};

_Static_assert(sizeof(struct program) == 48, "encode.ts says HEADER_SIZE = 48");
_Static_assert(sizeof(struct step) == 96, "encode.ts says STEP_SIZE = 96");
