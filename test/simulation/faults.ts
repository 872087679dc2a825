import type { FaultName } from './fault-names.js';
import { Socket } from './platform/net.js';
import type { SimulatedSystem } from './system.js';
import type { Random } from './world/random.js';
import type { SimulatedProcess } from './world/simulated-process.js';
import type { World } from './world/world.js';

interface Scene {
  readonly world: World;
  readonly system: SimulatedSystem;
  readonly random: Random;
}

/** One kind of trouble. It also sees to its own end, after at most a few seconds. */
type Fault = (scene: Scene) => string | null;

const hang = ({ world, random }: Scene, process: SimulatedProcess | undefined): string | null => {
  if (process === undefined) return null;
  const lastsMs = random.between(50, 6_000);
  process.frozenUntil = world.clock.now + lastsMs;
  return `${process.name} hangs for ${Math.round(lastsMs)} ms`;
};

function endWorker(scene: Scene, isSilent: boolean): string | null {
  const { system, random } = scene;
  const worker = anyOf(random, system.liveWorkers);
  if (worker === undefined) return null;
  worker.process.kill(isSilent);
  const isItself = random.chance(0.5);
  system.after(random.between(200, 3_000), () => system.startWorker(1, isItself ? worker.process.name : undefined));
  return `${worker.process.name} ${isSilent ? 'and its machine are gone' : 'is killed'}`;
}

function endServer(scene: Scene, isSilent: boolean): string | null {
  const { system, random } = scene;
  const server = anyOf(random, system.liveServers);
  if (server === undefined) return null;
  server.kill(isSilent);
  const index = system.servers.indexOf(server);
  system.after(random.between(100, 4_000), () => system.startServer(index));
  return `${server.name} ${isSilent ? 'and its machine are gone' : 'is killed'}`;
}

function onLink(scene: Scene, change: Partial<ReturnType<World['network']['link']>>, words: string): string | null {
  const { world, system, random } = scene;
  const worker = anyOf(random, system.liveWorkers)?.process.name;
  const server = anyOf(random, system.liveServers)?.name;
  if (worker === undefined || server === undefined) return null;
  const link = world.network.link(worker, server);
  const before = { ...link };
  const lastsMs = random.between(50, 5_000);
  Object.assign(link, change);
  system.after(lastsMs, () => {
    Object.assign(link, before);
    world.network.mend();
  });
  return `${words} between ${worker} and ${server} for ${Math.round(lastsMs)} ms`;
}

/** The faults by name, for `--faults`. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  'kill-worker': (scene) => endWorker(scene, false),
  'lose-worker': (scene) => endWorker(scene, true),
  'hang-worker': (scene) => hang(scene, anyOf(scene.random, scene.system.liveWorkers)?.process),
  'stop-worker': ({ world, system, random }) => {
    const worker = anyOf(random, system.liveWorkers);
    if (worker === undefined) return null;
    world.clock.schedule(worker.process, 0, () => void worker.stop());
    system.after(random.between(500, 3_000), () => system.startWorker(1));
    return `${worker.process.name} is asked to leave`;
  },
  'add-worker': ({ system, random }) => {
    system.startWorker(random.between(0.5, 3));
    return 'a worker is added';
  },
  'kill-server': (scene) => endServer(scene, false),
  'lose-server': (scene) => endServer(scene, true),
  'hang-server': (scene) => hang(scene, anyOf(scene.random, scene.system.liveServers)),
  partition: (scene) => onLink(scene, { isCut: true }, 'nothing passes'),
  loss: (scene) => onLink(scene, { lossRate: 0.3 }, 'a third is lost'),
  delay: (scene) => onLink(scene, { extraDelayMs: 150 }, 'everything is late'),
  reset: ({ system, random }) => {
    const process = anyOf(random, system.liveWorkers)?.process;
    const sockets = [...(process?.belongings ?? [])].filter((one): one is Socket => one instanceof Socket);
    const socket = anyOf(random, sockets);
    if (process === undefined || socket === undefined) return null;
    socket.cut();
    return `a connection of ${process.name} is reset`;
  },
  'queue-away': ({ system, random }) => {
    const { leases } = system;
    leases.isAway = true;
    const lastsMs = random.between(100, 5_000);
    system.after(lastsMs, () => {
      leases.isAway = false;
    });
    return `the queue is away for ${Math.round(lastsMs)} ms`;
  },
  'queue-emptied': ({ system }) => {
    system.leases.plan();
    return 'the queue is emptied and planned anew';
  },
  'power-cut': ({ world, system, random }) => {
    for (const { process } of system.liveWorkers) {
      process.kill(true);
      system.after(random.between(200, 3_000), () => system.startWorker(1, process.name));
    }
    for (const [index, server] of system.servers.entries()) {
      server?.kill(true);
      system.after(random.between(100, 3_000), () => system.startServer(index));
    }
    world.network.mendAll();
    return 'the power fails';
  },
};

function anyOf<Item>(random: Random, items: readonly Item[]): Item | undefined {
  return items.length === 0 ? undefined : random.pick(items);
}
