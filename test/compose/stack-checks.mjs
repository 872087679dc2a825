import { expectEqual } from './checks.mjs';

const MIB = 2 ** 20;
const ROOT = '0';

/** Small on purpose: what these allow also runs on a small machine. */
export const LIMITS_MIB = {
  redis: 128,
  'parameter-server': 512,
  'parameter-server-2': 512,
  coordinator: 512,
  worker: 1536,
};

/** The variables of docker-compose.yml that set `LIMITS_MIB`. */
export const LIMIT_VARIABLES = {
  SKIPLANE_REDIS_MEMORY: `${LIMITS_MIB.redis}m`,
  SKIPLANE_PARAMETER_SERVER_MEMORY: `${LIMITS_MIB['parameter-server']}m`,
  SKIPLANE_PARAMETER_SERVER_MIB: '256',
  SKIPLANE_COORDINATOR_MEMORY: `${LIMITS_MIB.coordinator}m`,
  SKIPLANE_WORKER_MEMORY: `${LIMITS_MIB.worker}m`,
};

/** Who needs whom healthy was started after that. */
export function expectStartOrder(containers) {
  const of = (service) => containers.filter((container) => container.service === service);
  const firstHealthy = ({ State }) => Date.parse(State.Health.Log.find(({ ExitCode }) => ExitCode === 0).End);
  const expectAfter = (later, earlier) => {
    for (const a of of(later))
      for (const b of of(earlier)) {
        const gapMs = Date.parse(a.State.StartedAt) - firstHealthy(b);
        if (gapMs < 0) throw new Error(`${a.Name} started ${-gapMs} ms before ${b.Name} was healthy`);
      }
  };
  for (const needed of ['redis', 'parameter-server', 'parameter-server-2']) expectAfter('coordinator', needed);
  expectAfter('worker', 'coordinator');
}

/** Every process of our image, and Redis too where its image drops root's rights (the official one's entrypoint does). */
export async function expectNoRoot(stack, containers) {
  const users = new Map();
  for (const { Id, Name, Config, service } of containers) {
    const [, ...lines] = (await stack.docker(['top', Id, '-eo', 'pid,uid,comm'])).trim().split('\n');
    const processes = lines
      .map((line) => line.trim().split(/\s+/).slice(1))
      .filter(([, name]) => name !== 'docker-init');
    const asRoot = processes.filter(([uid]) => uid === ROOT);
    const isOwn = service !== 'redis';
    if (asRoot.length > 0 && (isOwn || Config.Entrypoint))
      throw new Error(`${Name} runs as root: ${asRoot.map(([, name]) => name).join(', ')}`);
    users.set(service, asRoot.length > 0 ? 'root, as its image has no entrypoint that drops it' : processes[0][0]);
  }
  return [...users].map(([service, uid]) => `${service} ${uid}`).join(', ');
}

/** The coordinator's port, on loopback, and nothing else. */
export function expectPublished(containers, port) {
  const published = containers.flatMap(({ service, NetworkSettings }) =>
    Object.entries(NetworkSettings.Ports).flatMap(([inside, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${service} ${inside} on ${HostIp}:${HostPort}`),
    ),
  );
  expectEqual(published, [`coordinator 3000/tcp on 127.0.0.1:${port}`], 'what is published');
  return published.join(', ');
}

export function expectLimits(containers) {
  for (const { service, Name, HostConfig } of containers) {
    expectEqual(HostConfig.Memory / MIB, LIMITS_MIB[service], `the memory limit of ${Name} in MiB`);
    if (!(HostConfig.PidsLimit > 0)) throw new Error(`${Name} may start any number of processes`);
    const options = HostConfig.SecurityOpt ?? [];
    if (!options.some((option) => option.startsWith('no-new-privileges')))
      throw new Error(`${Name} may gain privileges`);
    if (service !== 'redis') expectEqual(HostConfig.CapDrop, ['ALL'], `what ${Name} drops`);
  }
  const workers = containers.filter(({ service }) => service === 'worker').length;
  return `${workers} workers of ${LIMITS_MIB.worker} MiB`;
}

/** The secret is drawn inside: nobody who may look at a container's settings reads it. */
export async function expectHiddenSecret(stack, containers) {
  const worker = containers.find(({ service }) => service === 'worker');
  const given = worker.Config.Env.find((variable) => variable.startsWith('SKIPLANE_TOKEN='));
  expectEqual(given, 'SKIPLANE_TOKEN=', 'what the settings of a worker tell');
  const secrets = new Set();
  for (const { Id, Name, service } of containers) {
    if (service === 'redis') continue;
    const look = 'cd /run/skiplane; if [ -e token ]; then stat -c "%a %s" token; md5sum token; fi';
    const found = await stack.docker(['exec', Id, 'sh', '-c', look]);
    if (service !== 'coordinator') secrets.add(found);
    else if (found !== '') throw new Error(`${Name} has the secret, which it does not need`);
  }
  const [secret = '', ...others] = secrets;
  if (others.length > 0 || !secret.startsWith('600 64\n'))
    throw new Error(`expected one private secret: ${[...secrets].join()}`);
}
