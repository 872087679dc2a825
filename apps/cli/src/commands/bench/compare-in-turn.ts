import { median } from '#contracts';

/** Of images per second more are better, of milliseconds fewer. */
export const UNITS = ['images/s', 'ms'] as const;
export type Unit = (typeof UNITS)[number];

/** One measurement of a way. */
export interface Measured {
  /** In the unit of its row. */
  readonly value: number;
  /** What else was seen, by its name and unit: `data, % of a step`. */
  readonly facts?: Readonly<Record<string, number>>;
}

/** A way of doing the work. One that several rows share is measured once a round. */
export interface Way {
  readonly name: string;
  measure(): Promise<Measured>;
}

/** What is compared: our way, and the peers' ways of the same work. */
export interface Row {
  /** Parts with slashes between, the first of them its group: `step/resnet50/2x8/bf16`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly own: Way;
  readonly peers: readonly Way[];
}

export interface MeasuredPeer {
  readonly name: string;
  /** Median of the rounds. */
  readonly value: number;
  /** How many times as fast we are: the median of the rounds' ratios. */
  readonly ratio: number;
  readonly facts: Readonly<Record<string, number>>;
}

export interface Comparison extends Pick<Row, 'id' | 'title' | 'unit'> {
  /** Median of the rounds. */
  readonly value: number;
  /** Medians of the rounds. */
  readonly facts: Readonly<Record<string, number>>;
  readonly rounds: number;
  /** Empty without a peer. */
  readonly peers: readonly MeasuredPeer[];
}

export interface TurnOptions {
  /** How often everything is measured. */
  readonly rounds: number;
  /** No round but the first begins that would take longer, if it took as long as the longest before. */
  readonly limitMs: number;
  readonly note: (line: string) => void;
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
}

/** Rows one after the other, of each row our way and the peers', then all again: a noisy minute falls on all of a row's ways. */
export async function compareInTurn(
  rows: readonly Row[],
  { rounds, limitMs, note, now = () => performance.now() }: TurnOptions,
): Promise<readonly Comparison[]> {
  const done: ReadonlyMap<Way, Measured>[] = [];
  const begun = now();
  for (let longestMs = 0; done.length < rounds;) {
    const roundBegun = now();
    if (done.length > 0 && roundBegun - begun + longestMs > limitMs) {
      note(`${done.length} of ${rounds} rounds: another would end after ${Math.round(limitMs / 1000)} s`);
      break;
    }
    done.push(await measureRound(rows, note));
    longestMs = Math.max(longestMs, now() - roundBegun);
  }
  return rows.map((row) => comparisonOf(row, done));
}

async function measureRound(rows: readonly Row[], note: (line: string) => void): Promise<ReadonlyMap<Way, Measured>> {
  const round = new Map<Way, Measured>();
  for (const { title, unit, own, peers } of rows) {
    for (const way of [own, ...peers]) {
      const measured = round.get(way) ?? (await way.measure());
      if (!round.has(way)) note(`${title}: ${way.name} ${measured.value.toFixed(1)} ${unit}`);
      round.set(way, measured);
    }
  }
  return round;
}

function comparisonOf({ own, peers, ...row }: Row, rounds: readonly ReadonlyMap<Way, Measured>[]): Comparison {
  const of = (way: Way): readonly Measured[] => rounds.flatMap((round) => round.get(way) ?? []);
  const ours = of(own);
  return {
    ...row,
    value: medianOf(ours),
    facts: factsOf(ours),
    rounds: rounds.length,
    peers: peers.map((peer) => {
      const theirs = of(peer);
      const ratios = ours.map(({ value }, index) => ratioOf(row.unit, value, theirs[index]?.value ?? Number.NaN));
      return { name: peer.name, value: medianOf(theirs), ratio: median(ratios), facts: factsOf(theirs) };
    }),
  };
}

const medianOf = (measured: readonly Measured[]): number => median(measured.map(({ value }) => value));

function factsOf(measured: readonly Measured[]): Comparison['facts'] {
  const names = Object.keys(measured[0]?.facts ?? {});
  return Object.fromEntries(names.map((name) => [name, median(measured.flatMap(({ facts }) => facts?.[name] ?? []))]));
}

const ratioOf = (unit: Unit, own: number, peer: number): number => (unit === 'ms' ? peer / own : own / peer);
