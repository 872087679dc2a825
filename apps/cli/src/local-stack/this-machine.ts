import { join, resolve } from 'node:path';
import { makeShapesDataset } from '#dataset';
import { consoleProgress } from '../output/console-progress.js';
import { readLaunchConfig } from './launch-settings.js';
import { choosePort } from './ports.js';
import { provisionStack } from './provision-stack.js';
import { startStack } from './start-stack.js';

export interface LocalStackOptions {
  readonly dataDir: string;
  readonly workers: number;
  readonly parameterServers?: number | undefined;
  /** Of the coordinator; default: that of PORT, else 3000 or any free one. */
  readonly port?: number | undefined;
  /** Key that its API asks for; default: that of the environment. */
  readonly apiKey?: string | undefined;
}

/** What a command that trains locally needs of the machine it runs on; tests give their own. */
export interface ThisMachine {
  /** Gets TensorFlow and Redis where they are missing. */
  provision(note: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Draws the shapes data set where it is not there yet; `folder` is absolute. */
  drawShapes(
    dataDir: string,
    note: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly folder: string; readonly numClasses: number }>;
  /** Starts Redis, coordinator, parameter servers and workers, which run until they are disposed. */
  startStack(
    options: LocalStackOptions,
    note: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly url: string } & AsyncDisposable>;
}

/** The machine the command was started on. */
export const thisMachine: ThisMachine = {
  provision: (note, signal) => provisionStack(readLaunchConfig(process.env), consoleProgress(note), signal),
  drawShapes: async (dataDir, note, signal) => {
    const folder = join(resolve(dataDir), 'shapes');
    let isSaid = false;
    const { classes, numWritten } = await makeShapesDataset(folder, {
      signal,
      onProgress: ({ total }) => {
        if (!isSaid) note(`drawing the shapes data set: ${total} images in ${folder}`);
        isSaid = true;
      },
    });
    note(`data set: ${folder}, ${classes.length} classes${numWritten === 0 ? ', already there' : ''}`);
    return { folder, numClasses: classes.length };
  },
  startStack: async ({ dataDir, workers, parameterServers, port, apiKey }, note, signal) => {
    const config = readLaunchConfig(process.env);
    const chosenPort = await choosePort(port ?? config.port, config.host);
    note('starting Redis, coordinator, parameter servers and workers ...');
    return startStack({
      dataDirectory: dataDir,
      workers,
      ...(parameterServers === undefined ? {} : { parameterServers }),
      port: chosenPort,
      ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
      ...(apiKey === undefined ? {} : { env: { SKIPLANE_API_KEY: apiKey } }),
      note,
      signal,
    });
  },
};
