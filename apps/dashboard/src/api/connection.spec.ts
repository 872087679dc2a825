import { describe, expect, it } from '@jest/globals';
import { coordinatorNow, getConnection, reportAnswer, reportSilence, subscribeToConnection } from './connection.js';

describe('connection', () => {
  it('tells listeners of changes only, and remembers when the coordinator last answered', () => {
    const seen: string[] = [];
    const unsubscribe = subscribeToConnection(() => seen.push(getConnection().status));
    reportAnswer('online', null);
    reportSilence();
    reportSilence();
    expect(getConnection().lastAnswerAt).not.toBeNull();
    reportAnswer('unauthorised', null);
    reportAnswer('online', null);
    unsubscribe();
    reportSilence();
    expect(seen).toEqual(['offline', 'unauthorised', 'online']);
  });

  it('takes over the clock of a coordinator that is off by more than an answer takes', () => {
    const hour = 3_600_000;
    reportAnswer('online', String(Date.now() + hour));
    expect(Math.abs(coordinatorNow() - Date.now() - hour)).toBeLessThan(100);
    reportAnswer('online', String(Date.now() - 500));
    expect(Math.abs(coordinatorNow() - Date.now())).toBeLessThan(100);
    reportAnswer('online', 'no time');
    expect(Math.abs(coordinatorNow() - Date.now())).toBeLessThan(100);
  });
});
