import { z } from 'zod';

const STATES = ['finished', 'failed', 'cancelled'] as const;
const HOUR_MS = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };
const RULE = /^([a-z]+)\s*=\s*(.*)$/;
const AGE = /^(\d{1,5})([hdw])$/;
const FORM = 'such as finished=180d,failed=30d,cancelled=7d (h, d or w)';

/** Runs in this state are deleted so long after their end. */
export interface RetentionRule {
  readonly state: (typeof STATES)[number];
  readonly afterMs: number;
}

/** `SKIPLANE_RETENTION`: rules by comma, at most one a state. Each faulty one is named. */
export const retention = z.string().transform((text, context): RetentionRule[] => {
  const rules: RetentionRule[] = [];
  for (const item of text.split(',').map((one) => one.trim())) {
    const rule = ruleOf(item);
    if (typeof rule === 'string') context.addIssue({ code: 'custom', message: rule });
    else if (rules.some(({ state }) => state === rule.state))
      context.addIssue({ code: 'custom', message: `names ${rule.state} twice` });
    else rules.push(rule);
  }
  return rules;
});

/** Milliseconds of an age such as 12h, 30d or 8w; undefined of any other text. */
export function ageMs(text: string): number | undefined {
  const [, count, unit = ''] = AGE.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
}

function ruleOf(item: string): RetentionRule | string {
  const [, word, age = ''] = RULE.exec(item) ?? [];
  const state = STATES.find((known) => known === word);
  const afterMs = ageMs(age);
  if (word === undefined || afterMs === undefined) return `has ${JSON.stringify(item)}, which is no rule ${FORM}`;
  if (state === undefined) return `has ${JSON.stringify(word)}, which is none of ${STATES.join(', ')}`;
  return afterMs > 0 ? { state, afterMs } : `has ${JSON.stringify(item)}: the time must be longer than 0`;
}
