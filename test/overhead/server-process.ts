/** Entry of a parameter server's process. Says its address, and its processor milliseconds whenever asked. */
import { ParameterServer } from '#parameter-server';
import { silentLogger } from '#telemetry';

const server = new ParameterServer({ port: 0, logger: silentLogger() });
await server.start();
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1_000);
});
process.once('disconnect', () => process.exit(0));
process.send?.(server.address);
