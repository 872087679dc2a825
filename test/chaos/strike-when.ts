import type { Strike } from './scene.js';
import type { WireEvent, WireTap } from './wire-tap.js';

const TIMEOUT_MS = 60_000;

/** `hold` keeps back what the event is about, `strike` as well and says that the moment has come. */
export type Verdict = 'pass' | 'hold' | 'strike';

/** Waits for a moment on the wire. Rejects when it does not come within a minute. */
export function strikeWhen(tap: WireTap, judge: (event: WireEvent) => Verdict): Promise<Strike> {
  return new Promise((resolve, reject) => {
    const held: { readonly event: WireEvent; readonly settle: (answer: 'pass' | 'drop') => void }[] = [];
    const stop = tap.observe((event) => {
      const verdict = judge(event);
      if (verdict === 'pass') return undefined;
      if (verdict === 'strike') {
        clearTimeout(timer);
        resolve({ workerId: event.workerId, server: event.server, release });
      }
      return new Promise((settle) => held.push({ event, settle }));
    });
    const release = (killedServer: number | null): void => {
      stop();
      for (const { event, settle } of held) settle(event.server === killedServer ? 'drop' : 'pass');
    };
    const timer = setTimeout(() => {
      release(null);
      reject(new Error(`the moment did not come within ${TIMEOUT_MS / 1_000} s`));
    }, TIMEOUT_MS);
  });
}
