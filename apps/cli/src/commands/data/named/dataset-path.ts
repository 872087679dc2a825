/** The address of a named data set. */
export function datasetPath(name: string, rest = ''): string {
  return `/v1/datasets/${encodeURIComponent(name)}${rest}`;
}
