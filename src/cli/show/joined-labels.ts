// Labels in one field of a list, as Docker shows them: `a=1,b=2`, sorted.

export function joinedLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.sort().join(",");
}
