// Much that is asked of a cgroup happens a little later: processes stop at their next way out of the kernel, a killed
// one is gone when it has let go of its memory. There is nothing to wait on that all versions have, so we look again.

/** Looks at once, then after 1, 2, 4 … 16 ms. `false` if it didn't come true within `timeoutMs`. */
export async function until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  for (let pause = 1; !isTrue(); pause = Math.min(pause * 2, 16)) {
    if (Date.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
