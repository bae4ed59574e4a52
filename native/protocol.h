// What launcher and monitor tell the engine, over the control socket: packets (SOCK_SEQPACKET) of 32 bytes each, in
// the machine's own byte order, since both ends are one machine. One packet is one fact.

#pragma once
#include "sys.h"

enum report_kind {
  REPORT_STEP = 0,            // step `index` of list `list` is done: its result and how long it took
  REPORT_FAILED = 1,          // step `index` of list `list` failed with -errno; what was begun has been given up
  REPORT_SPLIT = 2,           // clone3 is done: the list splits here; `result` is the child's pid
  REPORT_EXEC = 3,            // the child calls execve, which on success reports by closing the socket;
                              // sent again with -errno when it came back and the step allows that
  REPORT_READY = 4,           // the monitor has everything set up: from here on no byte and no exit is missed
  REPORT_MONITOR_FAILED = 5,  // the monitor could not set up: -errno, and the stage of it in `index`
  REPORT_OUT = 6,             // before the STEP it belongs to: one register that the step has set besides its result
  REPORT_WAITING = 7,         // from a step (handshake.ts): the child has come to a wait at which others have work to do
};

struct report {
  u32 kind;
  u32 list;
  u32 index;
  u32 pad;
  i64 result;
  u64 ns;
};

_Static_assert(sizeof(struct report) == 32, "the engine reads packets of 32 bytes");

// What the monitor was doing when it failed: `index` of REPORT_MONITOR_FAILED.
enum monitor_stage {
  MONITOR_ARGUMENTS = 1,
  MONITOR_DIR = 2,        // entering the runtime folder
  MONITOR_EXIT_FILE = 3,  // making room for the exit status
  MONITOR_LOG = 4,        // opening the log
  MONITOR_ATTACH = 5,     // listening for clients
  MONITOR_CHILD = 6,      // getting hold of the child and of signals
};
