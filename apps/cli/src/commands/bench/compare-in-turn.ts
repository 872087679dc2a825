import { median } from '#contracts';
import { z } from 'zod';
import type { CommandDevice } from '../../local-stack/command-device.js';
import { runForJson, type ChildCommand } from '../../local-stack/run-for-json.js';

/** Where the PyTorch scripts are and which Python runs them. */
export interface Peer {
  readonly python: string;
  readonly scripts: string;
}

export interface Comparison {
  readonly title: string;
  readonly imagesPerSecond: number;
  /** By name of the peer's way of running; empty without a peer. */
  readonly peers: readonly { readonly name: string; readonly imagesPerSecond: number; readonly ratio: number }[];
}

export interface CompareOptions {
  readonly rounds: number;
  readonly peer: Peer | null;
  /** What is computed on; borrowed. */
  readonly device: CommandDevice;
  /** No round but the first begins after this moment, milliseconds since 1970. */
  readonly lastRoundBefore?: number;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

const resultSchema = z.object({ imagesPerSecond: z.number().positive() });

/** Runs a process that prints its images per second last. */
export async function imagesPerSecondOf(child: ChildCommand): Promise<number> {
  return (await runForJson(child, resultSchema)).imagesPerSecond;
}

/** A way of doing the work, and how fast it is. */
export interface Way {
  readonly name: string;
  measure(): Promise<number>;
}

/** Ours and the peers in turn, so that a noisy minute falls on all of them; the ratio is the median of the rounds'. */
export async function compareInTurn(
  title: string,
  { own: measureOwn, peers }: { readonly own: () => Promise<number>; readonly peers: readonly Way[] },
  { rounds, lastRoundBefore = Infinity, note }: Pick<CompareOptions, 'rounds' | 'lastRoundBefore' | 'note'>,
): Promise<Comparison> {
  const ways = [{ name: 'skiplane', measure: measureOwn }, ...peers];
  const measured = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds && (round === 0 || Date.now() < lastRoundBefore); round += 1) {
    for (const way of ways) {
      const value = await way.measure();
      measured.get(way.name)?.push(value);
      note(`${title}: ${way.name} ${value.toFixed(1)} images/s`);
    }
  }
  const own = measured.get('skiplane') ?? [];
  return {
    title,
    imagesPerSecond: median(own),
    peers: peers.map(({ name }) => {
      const values = measured.get(name) ?? [];
      return {
        name,
        imagesPerSecond: median(values),
        ratio: median(own.map((value, index) => value / (values[index] ?? NaN))),
      };
    }),
  };
}
