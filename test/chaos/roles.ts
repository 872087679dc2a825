import { delay, type Scene, type Strike } from './scene.js';

type Role = (scene: Scene, strike: Strike) => Promise<void>;

/** Long enough to be noticed, short enough to come back while the run goes on. */
const HUNG_MS = 4_000;

/** What is done to whom. Every role resolves when the deed is done, not when it is overcome. */
export const ROLES = {
  worker: async ({ world }, strike) => await world.stack.kill(workerName(strike)),
  'worker hung': async ({ world }, strike) => hang(world, workerName(strike)),
  'all workers': async ({ world }) => {
    await Promise.all(world.stack.workers().map(({ name }) => world.stack.kill(name)));
  },
  'parameter server': async (scene, strike) => await scene.world.stack.kill(serverName(scene, strike)),
  /** No other takes its range: all wait for it to come back. */
  'only parameter server': async ({ world }) => await world.stack.kill('parameter-server-1'),
  'parameter server hung': async (scene, strike) => hang(scene.world, serverName(scene, strike)),
  coordinator: async ({ world }) => await world.stack.kill('coordinator'),
  redis: async ({ world }) => await world.stack.kill('redis'),
  /** A power cut. */
  everything: async ({ world }) => {
    await world.stack.killAll('SIGKILL');
    await world.startAgain();
  },
} as const satisfies Readonly<Record<string, Role>>;
export type RoleName = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as readonly RoleName[];

/** A strike on these loses all that was not on a disk: the run goes on from its last checkpoint. */
export const COLD: readonly RoleName[] = ['all workers', 'everything'];

export const numServersOf = (role: RoleName): number => (role === 'only parameter server' ? 1 : 2);

/** The server whose words must not arrive any more; null where none was killed. */
export function killedServer(role: RoleName, scene: Pick<Scene, 'seed'>, strike: Strike): number | null {
  if (role === 'only parameter server') return 0;
  return role === 'parameter server' ? serverIndex(scene, strike) : null;
}

const serverIndex = ({ seed }: Pick<Scene, 'seed'>, { server }: Strike): number => server ?? seed % 2;
const serverName = (scene: Scene, strike: Strike): string => `parameter-server-${serverIndex(scene, strike) + 1}`;
/** A restarted worker calls itself `worker-1.2`. */
const workerName = ({ workerId }: Strike): string => workerId?.split('.')[0] ?? 'worker-1';

async function hang(world: Scene['world'], name: string): Promise<void> {
  const pid = world.stack.processes().find((process) => process.name === name)?.pid;
  if (pid === undefined || pid === null) throw new Error(`there is no ${name} to stop`);
  process.kill(pid, 'SIGSTOP');
  void delay(HUNG_MS).then(() => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was killed meanwhile.
    }
  });
  await delay(0);
}
