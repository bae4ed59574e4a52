// What launcher and monitor tell us: packets of one size, each a fact. native/protocol.h says what they mean.

export const REPORT = {
  STEP: 0,
  FAILED: 1,
  SPLIT: 2,
  EXEC: 3,
  READY: 4,
  MONITOR_FAILED: 5,
  OUT: 6,
  WAITING: 7,

  /** Bytes of a packet. */
  SIZE: 32,
} as const;
