import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from './fault-kinds.js';

/** First cells and severities of the table in .docs/faults.md. */
const documented = (): Record<string, string> => {
  const text = readFileSync(new URL('../../../../.docs/faults.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| (`[^|]+`) \| ([^|]+) \|/gm)];
  return Object.fromEntries(
    rows.flatMap(([, kinds = '', severity = '']) =>
      [...kinds.matchAll(/`([a-z-]+)`/g)].map(([, kind = '']) => [kind, severity]),
    ),
  );
};

describe('the kinds of faults', () => {
  it('are those of the documentation, with their severity', () => {
    const own = Object.entries(FAULT_KINDS).map(([kind, { severity, blocksReadiness }]) => [
      kind,
      blocksReadiness ? `${severity}, ready` : severity,
    ]);
    expect(documented()).toEqual(Object.fromEntries(own));
  });
});
