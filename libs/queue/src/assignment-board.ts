import type { Redis } from 'ioredis';
import { REDIS_KEYS, type Assignment, type RunPlan } from '#contracts';

/**
 * What the coordinator tells the workers: plans and assignments, as they should stand in Redis. Writes only what
 * differs from what Redis holds, so it may be called every second, and says whether Redis had lost anything.
 */
export class AssignmentBoard {
  constructor(private readonly redis: Redis) {}

  /** Whether Redis holds this very plan. */
  async holdsPlan(plan: RunPlan): Promise<boolean> {
    return (await this.redis.get(REDIS_KEYS.plan(plan.runId))) === JSON.stringify(plan);
  }

  async writePlan(plan: RunPlan): Promise<void> {
    await this.redis.set(REDIS_KEYS.plan(plan.runId), JSON.stringify(plan));
    await this.notify('plan');
  }

  async removePlan(runId: string): Promise<void> {
    if ((await this.redis.del(REDIS_KEYS.plan(runId))) > 0) await this.notify('plan');
  }

  /** Makes the hash say exactly this; one transaction, and a nudge when it changed. */
  async writeAssignments(wanted: ReadonlyMap<string, Assignment>): Promise<void> {
    const held = await this.redis.hgetall(REDIS_KEYS.assignments);
    const stale = Object.keys(held).filter((workerId) => !wanted.has(workerId));
    const changed = [...wanted].filter(([workerId, assignment]) => held[workerId] !== JSON.stringify(assignment));
    if (stale.length === 0 && changed.length === 0) return;
    const transaction = this.redis.multi();
    if (stale.length > 0) transaction.hdel(REDIS_KEYS.assignments, ...stale);
    for (const [workerId, assignment] of changed) {
      transaction.hset(REDIS_KEYS.assignments, workerId, JSON.stringify(assignment));
    }
    transaction.publish(REDIS_KEYS.notify, 'assignments');
    await transaction.exec();
  }

  private async notify(what: string): Promise<void> {
    await this.redis.publish(REDIS_KEYS.notify, what);
  }
}
