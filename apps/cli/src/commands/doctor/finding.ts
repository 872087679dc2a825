/** What one look at the machine found. */
export interface Finding {
  /** `TensorFlow`, `Redis`, ... */
  readonly subject: string;
  /** `fail`: training cannot work. `warn`: it works, but worse than it could. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do, where there is something to do. */
  readonly advice?: string;
}
