import type { Redis } from 'ioredis';
import { REDIS_KEYS } from './redis-keys.js';
import { scanKeys } from './scan-keys.js';
import { type Assignment, type RunPlan } from '#contracts';

/** A plan as it stands in Redis. */
export function planText(plan: RunPlan): string {
  return JSON.stringify(plan);
}

/** What the coordinator tells the workers: plans and assignments, and a nudge whenever they change. */
export class AssignmentBoard {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The text of the plan that Redis holds, as `planText` gives it; null where it holds none. */
  async heldPlan(runId: string): Promise<string | null> {
    return this.#redis.get(REDIS_KEYS.plan(runId));
  }

  /** Runs that have a plan. */
  async plannedRuns(): Promise<string[]> {
    const prefix = REDIS_KEYS.plan('');
    return (await scanKeys(this.#redis, `${prefix}*`)).map((key) => key.slice(prefix.length));
  }

  async writePlan(plan: RunPlan): Promise<void> {
    await this.#redis.set(REDIS_KEYS.plan(plan.runId), planText(plan));
    await this.#notify('plan');
  }

  async removePlan(runId: string): Promise<void> {
    if ((await this.#redis.del(REDIS_KEYS.plan(runId))) > 0) await this.#notify('plan');
  }

  /** Makes the hash say exactly this: one transaction, and a nudge when it changed. */
  async writeAssignments(wanted: ReadonlyMap<string, Assignment>): Promise<void> {
    const held = await this.#redis.hgetall(REDIS_KEYS.assignments);
    const stale = Object.keys(held).filter((workerId) => !wanted.has(workerId));
    const changed = [...wanted].filter(([workerId, assignment]) => held[workerId] !== JSON.stringify(assignment));
    if (stale.length === 0 && changed.length === 0) return;
    const transaction = this.#redis.multi();
    if (stale.length > 0) transaction.hdel(REDIS_KEYS.assignments, ...stale);
    for (const [workerId, assignment] of changed) {
      transaction.hset(REDIS_KEYS.assignments, workerId, JSON.stringify(assignment));
    }
    transaction.publish(REDIS_KEYS.notify, 'assignments');
    await transaction.exec();
  }

  async #notify(what: string): Promise<void> {
    await this.#redis.publish(REDIS_KEYS.notify, what);
  }
}
