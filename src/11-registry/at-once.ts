// Several things at once, but no more than a few: the others wait for their turn. Whatever goes wrong, nothing is still
// going on when the outcome is known.

/** Runs `work` for each item, so many at the same time, in their order. After a failure none is begun any more. */
export function atOnce<T>(most: number, items: T[], work: (item: T) => Promise<void>, stop: () => void): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  return together(Array.from({ length: Math.min(most, items.length) }, worker), () => {
    waiting.length = 0;
    stop();
  });
}

/** Waits for all. If one fails, `stop` is called, and what went wrong first is thrown when the others have ended, too. */
export async function together(works: Promise<unknown>[], stop: () => void): Promise<void> {
  const failures: unknown[] = [];
  const noted = works.map((work) =>
    work.catch((error: unknown) => {
      failures.push(error);
      stop();
    }),
  );
  await Promise.all(noted);
  if (failures.length > 0) throw failures[0];
}
