import type { Removal, RunView } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { removalQuery, useDeleteRun } from '../api/removal.js';
import { ConfirmDialog } from '../components/confirm-dialog.js';
import { counted, formatBytes } from '../format/format.js';

/** Asks before a run is deleted: names what goes, what stays and why, and what is in the way. */
export function DeleteDialog({ run, onDismiss }: { readonly run: RunView; readonly onDismiss: () => void }) {
  const navigate = useNavigate();
  const { data, error } = useQuery(removalQuery(run.id));
  const removal = useDeleteRun(run, () => void navigate('/'));
  const fault = removal.error ?? error;
  const isHeld = data === undefined || data.obstacles.length > 0 || removal.isPending;
  return (
    <ConfirmDialog
      title={data === undefined || data.obstacles.length === 0 ? 'Delete this run?' : 'This run cannot be deleted now'}
      confirmLabel={removal.isPending ? 'Deleting…' : 'Delete for good'}
      dismissLabel="Keep it"
      isHeld={isHeld}
      onDismiss={onDismiss}
      onConfirm={() => removal.mutate()}
    >
      {data === undefined ? <p role="status">Looking at what would go…</p> : <Forecast removal={data} />}
      {fault === null ? null : (
        <p className="fault" role="alert">
          {fault.message}
        </p>
      )}
    </ConfirmDialog>
  );
}

function Forecast({ removal }: { readonly removal: Removal }) {
  const { name, freedBytes, stores, numCheckpoints, evaluations, kept, losses, obstacles } = removal;
  return (
    <>
      <p>
        “{name}” goes for good: its record and metrics, {counted(numCheckpoints, 'checkpoint')} and{' '}
        {counted(evaluations.length, 'evaluation')}. This frees {formatBytes(freedBytes)}.
      </p>
      <Lines title="In the way" lines={obstacles} />
      <Lines title="Deleted from stores" lines={stores} />
      <Lines title="Lost by others" lines={losses} />
      <Lines
        title="Kept, as others use it"
        lines={kept.map(({ file, sizeBytes, usedBy }) => `${file} (${formatBytes(sizeBytes)}): ${usedBy}`)}
      />
    </>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="lines">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}
