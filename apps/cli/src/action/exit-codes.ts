/** Exit codes of every command, for scripts. */
export const EXIT = {
  ok: 0,
  /** The run failed; something is wrong with the system. */
  runFailed: 1,
  /** Bad usage, or the input was refused: nothing was changed. */
  refused: 2,
  /** No coordinator answers, or what answers is no working coordinator. */
  unreachable: 3,
  cancelled: 4,
  /** No such run or checkpoint, or the run's state does not allow it. */
  notFound: 5,
  /** Verified or compared, and not right or not the same. */
  differs: 6,
  /** Ctrl-C: detached from a run, which goes on. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The table at the end of every --help. */
export const EXIT_CODES_HELP = `
Exit codes:
  0    done; with watch: the run finished
  1    the run failed; status: something is wrong
  2    bad usage or refused input (every fault is named)
  3    no coordinator answers at the address
  4    the run was cancelled
  5    no such run or checkpoint, or its state does not allow this
  6    verify: something is wrong; diff: the runs differ
  130  Ctrl-C: detached, the run goes on`;
