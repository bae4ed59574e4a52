// What a container shall not see or not write of /proc and /sys, where the kernel speaks of the whole machine: Docker's
// lists (moby: oci/defaults.go). How a path is masked is stage 02's; `--privileged` and `systempaths=unconfined` skip both.

/** Shown empty: the kernel's memory, keys and timers, firmware, and what heat and power tell of the neighbours' work. */
export const DEFAULT_MASKED_PATHS: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

/** Shown, but not to be written: these set the machine, not the container. */
export const DEFAULT_READONLY_PATHS: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];
