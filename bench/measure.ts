// Times on a machine that others use too: the contenders take turns, so that what disturbs one disturbs all, and the middle
// of many times is what counts.

/** Does its work once and says how long that took, in nanoseconds, or whatever else is measured of it. */
export type Once = () => number | Promise<number>;

/**
 * What each contender says, round by round, by their names. One round that doesn't count comes first, and every other one
 * begins at the other end: who comes after a heavy one pays for it.
 */
export async function turns(contenders: Record<string, Once>, rounds: number): Promise<Record<string, number[]>> {
  const order = Object.entries(contenders);
  const said = Object.fromEntries(order.map(([name]) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, once] of round % 2 === 0 ? order : order.toReversed()) {
      const number = await once();
      if (round > 0) said[name]!.push(number);
    }
  }
  return said;
}

/** Medians in milliseconds of what is said in nanoseconds, by the contenders' names. */
export async function medians(contenders: Record<string, Once>, rounds: number): Promise<Record<string, number>> {
  const said = Object.entries(await turns(contenders, rounds));
  return Object.fromEntries(said.map(([name, times]) => [name, median(times) / 1e6]));
}

/** One beside the other, round by round, and of that the middle: what lasts for a round is in both, and so in neither. */
export function pairedRatio(ones: readonly number[], others: readonly number[]): number {
  return median(ones.map((one, round) => one / others[round]!));
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
