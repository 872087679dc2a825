import { type ComponentType, lazy } from 'react';
import { Notice } from '../components/notice.js';

/** A page that is loaded when it is first asked for. */
export function lazyPage(load: () => Promise<ComponentType>) {
  return lazy(async () => ({ default: await load().catch(() => NotLoaded) }));
}

/** The coordinator has another version by now, or is away. */
function NotLoaded() {
  return (
    <Notice tone="error" title="This page could not be loaded">
      <p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </p>
    </Notice>
  );
}
