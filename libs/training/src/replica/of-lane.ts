import { RunFaultError } from '#contracts';

/** Settles as a lane's work does; a fault of the run that it rejects with says which lane it was found in. */
export async function ofLane<Result>(lane: number, work: Promise<Result>): Promise<Result> {
  return await work.catch((error: unknown) => {
    if (error instanceof RunFaultError) error.lane ??= lane;
    throw error;
  });
}
