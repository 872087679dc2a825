import { isStopOfEpoch, type RunView } from '#contracts';
import { formatCount } from '../format/format.js';
import { Notice } from '../components/notice.js';

/** Why a run is not training, or ended early, where there is something to say. */
export function RunMessage({ run }: { readonly run: RunView }) {
  if (run.state === 'failed') {
    return (
      <Notice tone="error" title="This run failed">
        <p>{run.reason ?? 'No reason was recorded; the events below may tell.'}</p>
      </Notice>
    );
  }
  const missing = run.ledger.find((entry) => entry.missing > 0 || entry.repeated > 0);
  if (missing !== undefined) {
    return (
      <Notice tone="error" title="The ledger does not add up">
        <p>
          Epoch {missing.epoch + 1}: {missing.missing} samples missing, {missing.repeated} repeated.
        </p>
      </Notice>
    );
  }
  if (run.stopped !== null) {
    const { cause, epoch, step, reason } = run.stopped;
    const after = isStopOfEpoch(cause) ? `after epoch ${epoch}, ` : '';
    return (
      <Notice tone="quiet" title={`Stopped ${after}at step ${formatCount(step)}`}>
        <p>{reason}</p>
      </Notice>
    );
  }
  if (run.reason === null) return null;
  const titles = { pending: 'Waiting', paused: 'Paused' } as const;
  const title = run.state === 'pending' || run.state === 'paused' ? titles[run.state] : 'Note';
  return (
    <Notice tone="warning" title={title}>
      <p>{run.reason}</p>
    </Notice>
  );
}
