import type { FaultName } from './fault-names.js';
import { Socket } from './platform/net.js';
import type { SimulatedSystem } from './system.js';
import { SIMULATED_ROOT, type DiskNode, type FileNode } from './world/disk.js';
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
  'redis-away': ({ world, system, random }) => {
    world.redis.goAway();
    const lastsMs = random.between(100, 5_000);
    system.after(lastsMs, () => world.redis.comeBack());
    return `Redis is away for ${Math.round(lastsMs)} ms`;
  },
  'redis-rolled-back': ({ world, system, random }) => {
    const held = world.redis.data.copy();
    system.after(random.between(10, 1_000), () => {
      world.redis.goAway();
      system.after(random.between(100, 2_000), () => world.redis.comeBack(held));
    });
    return 'Redis dies soon and comes back without its last second';
  },
  'redis-emptied': ({ world }) => {
    world.redis.empty();
    return 'Redis is emptied';
  },
  'redis-unreachable': (scene) => {
    const { world, system, random } = scene;
    const name = anyOf(random, ['coordinator', ...system.liveWorkers.map(({ process }) => process.name)]);
    if (name === undefined) return null;
    const link = world.network.link(name, 'redis');
    const lastsMs = random.between(50, 4_000);
    link.isCut = true;
    system.after(lastsMs, () => {
      link.isCut = false;
    });
    return `nothing passes between ${name} and Redis for ${Math.round(lastsMs)} ms`;
  },
  'kill-coordinator': ({ system, random }) => {
    system.coordinator?.process.kill();
    const lastsMs = random.between(50, 5_000);
    system.after(lastsMs, () => system.startCoordinator());
    return `the coordinator is killed, back in ${Math.round(lastsMs)} ms`;
  },
  'hang-coordinator': (scene) => hang(scene, scene.system.coordinator?.process),
  'kill-writer': ({ world, system, random }) => {
    const count = random.int(1, 40);
    world.writesUntilDeath = count;
    world.diedWriting = (process) => {
      process.kill();
      system.after(random.between(200, 3_000), () => {
        if (process.name === 'coordinator') system.startCoordinator();
        else system.startWorker(1, random.chance(0.5) ? process.name : undefined);
      });
    };
    return `who writes the ${count}th time to the disk dies there`;
  },
  'disk-full': ({ world, system, random }) => {
    world.disk.isFull = true;
    const lastsMs = random.between(100, 4_000);
    system.after(lastsMs, () => {
      world.disk.isFull = false;
    });
    return `the disk is full for ${Math.round(lastsMs)} ms`;
  },
  'damage-checkpoint': ({ world, random }) => {
    const files = checkpointFiles(world);
    const file = anyOf(random, files);
    if (file === undefined) return null;
    const { node, name } = file;
    const at = random.int(0, Math.max(0, node.bytes.length - 1));
    node.bytes = random.chance(0.5)
      ? node.bytes.slice(0, at)
      : node.bytes.map((byte, index) => byte ^ (index === at ? 1 : 0));
    return `${name} is damaged`;
  },
  pause: ({ world, system, random }) => {
    const { coordinator } = system;
    if (coordinator === null) return null;
    world.clock.schedule(coordinator.process, 0, () => void coordinator.pause());
    resumeLater(system, world, random);
    return 'the run is paused for a while';
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
    system.coordinator?.process.kill(true);
    system.after(random.between(100, 4_000), () => system.startCoordinator());
    world.redis.goAway();
    const held = random.chance(0.3) ? null : world.redis.data;
    system.after(random.between(100, 4_000), () => world.redis.comeBack(held));
    world.disk.powerCut(random);
    world.network.mendAll();
    return 'the power fails';
  },
  'set-clock': ({ world, system, random }) => {
    const running = [...system.liveWorkers.map(({ process }) => process), ...system.liveServers, world.redis.process];
    if (system.coordinator !== null) running.push(system.coordinator.process);
    const process = random.pick(running);
    const byMs = random.between(-3_600_000, 3_600_000);
    process.clockOffsetMs += byMs;
    return `the clock of ${process.name} is set ${Math.round(Math.abs(byMs) / 1_000)} s ${byMs > 0 ? 'ahead' : 'back'}`;
  },
};

/** Somebody resumes it, however often that takes: a coordinator that was away is asked again. */
function resumeLater(system: SimulatedSystem, world: World, random: Random): void {
  system.after(random.between(500, 4_000), () => {
    const { coordinator, run } = system;
    if (coordinator !== null && run?.record.state === 'paused')
      world.clock.schedule(coordinator.process, 0, () => void coordinator.resume());
    if (run?.isOver !== true) resumeLater(system, world, random);
  });
}

function checkpointFiles(world: World): { readonly name: string; readonly node: FileNode }[] {
  const found: { readonly name: string; readonly node: FileNode }[] = [];
  const walk = (node: DiskNode | undefined, path: string): void => {
    if (node?.kind === 'file') found.push({ name: path, node });
    else for (const [name, child] of node?.entries ?? []) walk(child, `${path}/${name}`);
  };
  walk(world.disk.find(`${SIMULATED_ROOT}/checkpoints`), 'checkpoints');
  return found;
}

function anyOf<Item>(random: Random, items: readonly Item[]): Item | undefined {
  return items.length === 0 ? undefined : random.pick(items);
}
