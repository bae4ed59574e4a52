// A name without a tag or a digest means `latest`, or with --all-tags each tag there is.

/** Neither a tag nor a digest: a colon before the last slash is a port's. */
export function isBare(name: string): boolean {
  return !/[:@][^/]*$/.test(name);
}
