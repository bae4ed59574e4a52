// Times on a machine that others use too: the contenders take turns, so that what disturbs one disturbs all, and the middle
// of many times is what counts.

/** Does its work once and says how long that took, in nanoseconds. */
export type Once = () => number | Promise<number>;

/** Medians in milliseconds, by the contenders' names. One round that doesn't count comes first. */
export async function medians(contenders: Record<string, Once>, rounds: number): Promise<Record<string, number>> {
  const times = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, once] of Object.entries(contenders)) {
      const took = await once();
      if (round > 0) times.set(name, [...(times.get(name) ?? []), took / 1e6]);
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
}

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
