import { createRedisConnection } from '#queue';
import { problemSchema } from '#contracts';
import { silentLogger } from '#telemetry';
import type { TrainingStack } from '../../support/training-stack.js';
import { SmallDisk } from '../../support/small-disk.js';
import type { Scenario } from '../scenario.js';

/** Room for Redis' append-only file, the logs, the records and three checkpoints. */
const SIZE = '32m';

/** Everything a stack writes is on one disk, which fills while it trains and has room again later. */
export const fullDisk: Scenario = {
  name: 'full-disk',
  about: 'records, checkpoints, logs and Redis on one disk that fills and is freed: said, waited out, the same weights',
  packages: ['mount'],
  async run(operation) {
    using disk = SmallDisk.mount(SIZE);
    if (disk === undefined) throw new Error('a small file system cannot be mounted here: be root');
    await using stack = await operation.startStack({ workers: 2, dataDirectory: disk.folder });
    const id = await stack.submit();
    await stack.atStep(id, 8);
    const before = processes(stack);

    disk.fill();
    operation.note('the disk is full');
    const url = `${stack.stack.url}/health`;
    await operation.until(
      'readiness to name the disk',
      async () => problemSchema.parse(await (await fetch(`${url}/ready`)).json()).errors ?? [],
      (errors) => errors.some(({ path, message }) => path === 'disk' && message.includes('is full')),
    );
    await operation.until(
      'Redis to refuse writes',
      () => writeTo(stack.stack.redisUrl),
      (answer) => answer.includes('MISCONF'),
    );
    if (!(await fetch(`${url}/live`)).ok) throw new Error('the coordinator is not alive');
    const { state } = await stack.view(id);
    if (state !== 'running') throw new Error(`the run is ${state} while nothing can be written`);

    disk.free();
    operation.note('there is room again');
    await operation.endsAsUndisturbed(stack, id);
    await operation.until(
      'readiness',
      async () => (await fetch(`${url}/ready`)).status,
      (status) => status === 200,
    );
    const after = processes(stack);
    if (after !== before) throw new Error(`processes were started again: ${before}, then ${after}`);
  },
};

const processes = ({ stack }: TrainingStack): string =>
  JSON.stringify(stack.processes().map(({ name, pid }) => [name, pid]));

/** What Redis answers to a write. */
async function writeTo(url: string): Promise<string> {
  const redis = createRedisConnection(url, { purpose: 'commands', logger: silentLogger() });
  try {
    return await redis.set('skiplane:full-disk', '1');
  } catch (error) {
    return String(error);
  } finally {
    redis.disconnect();
  }
}
