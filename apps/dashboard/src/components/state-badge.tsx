import type { RunState } from '#contracts';

/** A run's state; the shape of the dot says it too, for those who do not see the colour. */
export function StateBadge({ state }: { readonly state: RunState }) {
  return (
    <span className="badge" data-state={state}>
      <span className="badge-dot" aria-hidden="true" />
      {state}
    </span>
  );
}
