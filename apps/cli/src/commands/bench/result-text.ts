import { table } from '../../output/table.js';
import type { BenchResult } from './bench-result.js';
import type { Comparison } from './compare-in-turn.js';
import { GROUPS } from './groups.js';

const COLUMNS = [
  { title: 'what' },
  { title: 'skiplane', right: true },
  { title: 'unit' },
  { title: 'against' },
  { title: 'its figure', right: true },
  { title: 'ratio', right: true },
];

const rounded = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

/** A row of the table for each peer of a comparison, or one without. */
function cellsOf({ title, value, unit, peers }: Comparison): readonly (readonly string[])[] {
  const own = [title, rounded(value), unit];
  if (peers.length === 0) return [[...own, '', '', '']];
  return peers.map(({ name, value: theirs, ratio }, index) => [
    ...(index === 0 ? own : ['', '', '']),
    name,
    rounded(theirs),
    ratio.toFixed(2),
  ]);
}

const factsOf = ({ title, facts, peers }: Comparison): readonly string[] =>
  [{ name: 'skiplane', facts }, ...peers].flatMap((way) => {
    const said = Object.entries(way.facts).map(([name, value]) => `${name} ${value.toFixed(1)}`);
    return said.length === 0 ? [] : [`${title}, ${way.name}: ${said.join(', ')}`];
  });

/** For a terminal. */
export function resultText({ rows }: Pick<BenchResult, 'rows'>): string {
  return [table(COLUMNS, rows.flatMap(cellsOf)), ...rows.flatMap(factsOf)].join('\n');
}

/** The document that is committed: Markdown, with what a reader needs to believe and to repeat it. */
export function resultDocument({ at, seconds, machine, versions, rows }: BenchResult): string {
  const groups = GROUPS.filter(({ name }) => rows.some(({ id }) => id.startsWith(`${name}/`)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const facts = rows.flatMap(factsOf);
  const rounds = [...new Set(rows.map((row) => row.rounds))].join(', ');
  return `# Benchmarks

\`\`\`sh
npm run bench -- --peer VENV --save .docs/benchmarks.json    # measures, and writes this page
npm run bench -- --from .docs/benchmarks.json                # prints the table
\`\`\`

\`VENV\` is a Python environment with PyTorch and torchvision. Skiplane and its peers are measured in turn, each in processes
of its own. A figure is the median of the rounds (${rounds}), a ratio the median of the rounds' ratios: above 1 Skiplane is faster,
below 1 the peer. Figures hold for this machine and this day; quote ratios.

| | |
|---|---|
| date | ${at.slice(0, 10)}, ${Math.round(seconds / 60)} minutes |
| machine | ${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.instructions}${machine.gpu === null ? '' : `; ${machine.gpu}`} |
| system | ${machine.system} |
| versions | ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')} |

${[line(COLUMNS.map(({ title }) => title)), `|${COLUMNS.map(({ right }) => (right === true ? '---:|' : '---|')).join('')}`, ...rows.flatMap(cellsOf).map(line)].join('\n')}

${groups.map(({ name, about }) => `- **${name}**: ${about}`).join('\n')}
${facts.length === 0 ? '' : `\nWhat else was seen, medians of the rounds:\n\n${facts.map((fact) => `- ${fact}`).join('\n')}\n`}`;
}
