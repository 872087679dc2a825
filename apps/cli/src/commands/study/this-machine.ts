import { resolve, join } from 'node:path';
import { makeShapesDataset } from '#dataset';
import { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { consoleProgress } from '../../output/console-progress.js';
import { choosePort } from '../../local-stack/choose-port.js';
import { provisionStack, readLaunchConfig, startStack } from '../../local-stack/index.js';
import type { StudyPlatform } from './study-platform.js';

/** The machine the command was started on. */
export const thisMachine: StudyPlatform = {
  provision: (note, signal) => provisionStack(readLaunchConfig(process.env), consoleProgress(note), signal),
  drawShapes: async (dataDirectory, note, signal) => {
    const folder = join(resolve(dataDirectory), 'shapes');
    const { numWritten } = await makeShapesDataset(folder, { signal });
    note(`data set: ${folder}${numWritten === 0 ? ', already there' : `, ${numWritten} images drawn`}`);
    return folder;
  },
  startStack: async ({ workers, dataDir, apiKey }, note, signal) => {
    const { redisUrl, port, host } = readLaunchConfig(process.env);
    note('starting Redis, coordinator, parameter servers and workers ...');
    const stack = await startStack({
      dataDirectory: dataDir,
      workers,
      port: await choosePort(port, host),
      ...(redisUrl === undefined ? {} : { redisUrl }),
      ...(apiKey === undefined ? {} : { env: { SKIPLANE_API_KEY: apiKey } }),
      note,
      signal,
    });
    return {
      client: new SkiplaneClient({ url: stack.url, apiKey }),
      [Symbol.asyncDispose]: async () => {
        note('stopping the processes ...');
        await stack.stop();
      },
    };
  },
};
