import { InMemoryRun } from './in-memory-exchange.js';
import { describeExchange } from './exchange-conformance.js';

describeExchange('in memory', async (lanes) => {
  const run = new InMemoryRun(lanes);
  return await Promise.resolve({
    participant: (workerId, listener) => run.exchange({ workerId, lanes, listener }),
    close: async () => Promise.resolve(),
  });
});
