/** Entry of the simulation: prepares the platform, then loads production code upon it. */
import { register } from 'node:module';
import { readSimulationOptions } from './options.js';

const options = readSimulationOptions(process.argv.slice(2));
if (options !== null) {
  register('./platform/hooks.js', { parentURL: import.meta.url, data: { bug: options.inject } });
  const { runSimulations } = await import('./run-simulations.js');
  process.exitCode = await runSimulations(options);
}
