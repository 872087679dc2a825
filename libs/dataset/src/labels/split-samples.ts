import { createHash } from 'node:crypto';
import type { DatasetSplit } from '#contracts';
import { byCodeUnit } from './by-code-unit.js';

/**
 * Which samples of a class are for validation: a function of their names, seed and share alone, so it is the same on every
 * machine, and a file that is added moves at most one other. Every class of two samples and more has one in each split.
 */
export function validationOf(names: readonly string[], { validation, seed }: DatasetSplit): readonly boolean[] {
  if (names.length < 2) return names.map(() => false);
  const wanted = Math.round(names.length * validation);
  const numValidation = Math.min(names.length - 1, Math.max(1, wanted));
  const drawn = names.map((name, at) => ({ at, name, key: keyOf(name, seed) }));
  drawn.sort((a, b) => a.key - b.key || byCodeUnit(a.name, b.name));
  const isValidation = names.map(() => false);
  for (const { at } of drawn.slice(0, numValidation)) isValidation[at] = true;
  return isValidation;
}

/** 48 bits of a hash: two of a million names share one with a chance of 1 in 500. */
function keyOf(name: string, seed: number): number {
  return createHash('sha256').update(`${seed}\0${name}`).digest().readUIntBE(0, 6);
}
