import { run, until } from './commands.mjs';

const UP_TIMEOUT_MS = 300_000;
const BUILD_TIMEOUT_MS = 3_600_000;
const DOWN_TIMEOUT_MS = 120_000;

/** `docker compose` or, where there is none, `docker-compose`; or, in words, why neither can be used. */
export async function findCompose() {
  const found = [];
  for (const [command, ...first] of [['docker', 'compose'], ['docker-compose']]) {
    const version = await run(command, [...first, 'version', '--short']).catch(() => undefined);
    if (version !== undefined) found.push({ command, first, version: version.trim() });
  }
  const [compose] = found;
  if (compose === undefined) return 'there is neither `docker compose` nor `docker-compose`: install one of them';
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 20_000 });
    return compose;
  } catch (error) {
    return `no container engine answers: start Docker, or name it by DOCKER_HOST (${error.message})`;
  }
}

/** One project of this repository's docker-compose.yml. */
export class ComposeStack {
  #compose;
  #root;
  #project;
  #signal;

  constructor({ compose, root, project, signal }) {
    this.#compose = compose;
    this.#root = root;
    this.#project = project;
    this.#signal = signal;
  }

  /** All services share one image. */
  build(env) {
    return this.#run(['build', 'coordinator'], { env, timeoutMs: BUILD_TIMEOUT_MS, isShown: true });
  }

  /** Starts what is missing; resolves when compose says so, which is before the workers are healthy. */
  up(env, numWorkers) {
    return this.#run(['up', '-d', '--scale', `worker=${numWorkers}`], { env, timeoutMs: UP_TIMEOUT_MS });
  }

  /** One more container of a service, with the same volumes; resolves when it ends, with what it says. */
  runOnce(env, service) {
    return this.#run(['run', '--rm', '--no-deps', '-T', service], { env });
  }

  /** One more container of a service, left to itself; resolves with its name. */
  async runBeside(env, service) {
    const out = await this.#run(['run', '-d', '--no-deps', '-T', service], { env });
    return out.trim().split('\n').at(-1);
  }

  down(env) {
    return this.#run(['down', '--timeout', '15'], { env, timeoutMs: DOWN_TIMEOUT_MS });
  }

  /** Takes the volumes too, and runs after an interrupt as well. */
  remove(env) {
    const args = ['down', '--volumes', '--remove-orphans', '--timeout', '2'];
    return this.#run(args, { env, timeoutMs: DOWN_TIMEOUT_MS, signal: undefined });
  }

  logs(env, numLines) {
    return this.#run(['logs', '--no-color', '--tail', String(numLines)], { env, signal: undefined });
  }

  /** `docker inspect` of the project's running containers, each with its `service`. */
  async containers() {
    const label = `label=com.docker.compose.project=${this.#project}`;
    const ids = (await this.docker(['ps', '--quiet', '--filter', label])).trim().split('\n').filter(Boolean);
    if (ids.length === 0) return [];
    return JSON.parse(await this.docker(['inspect', ...ids])).map((container) => ({
      ...container,
      service: container.Config.Labels['com.docker.compose.service'],
    }));
  }

  async workers() {
    return (await this.containers()).filter(({ service }) => service === 'worker');
  }

  healthy(numContainers, timeoutMs) {
    return until(
      `${numContainers} healthy containers`,
      async () => {
        const containers = await this.containers();
        const ill = containers.filter(({ State }) => State.Health?.Status !== 'healthy');
        if (containers.length === numContainers && ill.length === 0) return containers;
        throw new Error(
          `${containers.length} run, not healthy: ${ill.map(({ Name, State }) => `${Name} ${State.Health?.Status}`).join(', ')}`,
        );
      },
      { timeoutMs, everyMs: 500, signal: this.#signal },
    );
  }

  /** Kills every process in a container but its init, as a crash would: that is the restart policy's turn. */
  crash(id) {
    return this.docker(['exec', id, 'sh', '-c', 'kill -KILL -1']).catch(() => '');
  }

  /** Networks and volumes of the project. */
  async leftovers() {
    const filter = ['--quiet', '--filter', `label=com.docker.compose.project=${this.#project}`];
    const lists = await Promise.all([
      run('docker', ['ps', '--all', ...filter]),
      run('docker', ['volume', 'ls', ...filter]),
      run('docker', ['network', 'ls', ...filter]),
    ]);
    return lists.join('').trim().split('\n').filter(Boolean);
  }

  docker(args) {
    return run('docker', args, { signal: this.#signal });
  }

  #run(args, options) {
    const { command, first } = this.#compose;
    const all = [...first, '--project-name', this.#project, ...args];
    return run(command, all, { cwd: this.#root, signal: this.#signal, ...options });
  }
}
