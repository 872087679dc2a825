/** More decode faster than a GPU of today trains. */
const MOST_DATA_THREADS = 16;

/** How many threads decode images: one on a CPU, whose cores compute; beside GPUs their share of the cores, but for one. */
export function usualDataThreads(numGpus: number, numCores: number, numOwn = 1): number {
  return numGpus === 0
    ? 1
    : Math.min(MOST_DATA_THREADS * numOwn, Math.max(1, Math.floor((numCores * numOwn) / numGpus) - 1));
}
