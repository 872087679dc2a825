import { consoleProgress } from '../../output/console-progress.js';
import { provisionStack, readLaunchConfig, startStack } from '../../local-stack/index.js';
import { choosePort } from '../../local-stack/choose-port.js';
import { prepareDemoData } from './demo-data.js';
import type { DemoPlatform } from './demo-platform.js';

/** The demo on the machine it was started on. */
export const thisMachine: DemoPlatform = {
  provision: (note, signal) => provisionStack(readLaunchConfig(process.env), consoleProgress(note), signal),
  prepareData: prepareDemoData,
  startStack: async (options, note, signal) => {
    const config = readLaunchConfig(process.env);
    const { redisUrl } = config;
    const port = await choosePort(options.port ?? config.port, config.host);
    note('starting Redis, coordinator, parameter servers and workers ...');
    return startStack({
      dataDirectory: options.dataDir,
      workers: options.workers,
      parameterServers: options.parameterServers,
      port,
      ...(redisUrl === undefined ? {} : { redisUrl }),
      ...(options.apiKey === undefined ? {} : { env: { SKIPLANE_API_KEY: options.apiKey } }),
      note,
      signal,
    });
  },
};
