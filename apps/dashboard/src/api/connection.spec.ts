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

  it('takes over the clock of a coordinator that is off by more than the header can tell', () => {
    const hour = 3_600_000;
    reportAnswer('online', new Date(Date.now() + hour).toUTCString());
    expect(Math.abs(coordinatorNow() - Date.now() - hour)).toBeLessThan(3000);
    reportAnswer('online', new Date(Date.now() - 500).toUTCString());
    expect(Math.abs(coordinatorNow() - Date.now())).toBeLessThan(100);
    reportAnswer('online', 'no date');
    expect(Math.abs(coordinatorNow() - Date.now())).toBeLessThan(100);
  });
});
