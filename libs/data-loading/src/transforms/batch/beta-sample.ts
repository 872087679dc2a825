import type { RandomStream } from '#contracts';

/** A number from Beta(alpha, alpha). */
export function betaSample(alpha: number, random: RandomStream): number {
  const first = logGammaSample(alpha, random);
  const second = logGammaSample(alpha, random);
  // exp(first) / (exp(first) + exp(second)): with a small alpha both underflow, their logarithms do not.
  return 1 / (1 + Math.exp(second - first));
}

/** Logarithm of a number from Gamma(alpha, 1): Marsaglia and Tsang 2000, with their step down from alpha + 1 below 1. */
function logGammaSample(alpha: number, random: RandomStream): number {
  if (alpha < 1) return logGammaSample(alpha + 1, random) + Math.log(1 - random.nextFloat()) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.nextNormal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.nextFloat()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
