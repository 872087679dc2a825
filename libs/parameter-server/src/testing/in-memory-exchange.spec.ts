import { describe, expect, it } from '@jest/globals';
import { InMemoryRun } from './in-memory-exchange.js';
import { describeExchange } from './exchange-conformance.js';
import { ExchangeRecorder } from './exchange-recorder.js';

describeExchange('in memory', async (lanes) => {
  const run = new InMemoryRun(lanes);
  return await Promise.resolve({
    participant: (workerId, listener) => run.exchange({ workerId, lanes, listener }),
    close: async () => Promise.resolve(),
  });
});

describe('an in-memory run', () => {
  it('keeps out who joins while its only participant commits a round by itself', async () => {
    const run = new InMemoryRun(3);
    const [a, b] = ['a', 'b'].map((workerId) => {
      const recorder = new ExchangeRecorder();
      return { recorder, exchange: run.exchange({ workerId, lanes: 3, listener: recorder }) };
    });
    if (a === undefined || b === undefined) throw new Error('two participants were made');
    await a.exchange.connect();
    a.exchange.ready(0);
    expect(a.exchange.claimRound(0)).toBe(true);
    const connected = b.exchange.connect();
    await a.recorder.untilParticipants('a');
    a.exchange.committedAlone(0);
    await connected;
    await b.recorder.until('the round', () => b.recorder.lastParticipants[0]?.round === 1);
    expect(a.exchange.claimRound(1)).toBe(false);
    await a.exchange.leave();
    expect(b.exchange.claimRound(1)).toBe(true);
  });
});
