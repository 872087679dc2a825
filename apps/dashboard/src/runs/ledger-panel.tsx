import type { RunView } from '#contracts';
import { formatCount } from '../format/format.js';
import { type Column, DataTable } from '../components/data-table.js';

type LedgerEntry = RunView['ledger'][number];

const COLUMNS: readonly Column<LedgerEntry>[] = [
  { title: 'Epoch', render: (entry) => entry.epoch + 1 },
  {
    title: 'Samples committed',
    isNumeric: true,
    render: (entry) => `${formatCount(entry.samples)} of ${formatCount(entry.expected)}`,
  },
  { title: 'Missing', isNumeric: true, render: (entry) => <Fault count={entry.missing} /> },
  { title: 'Repeated', isNumeric: true, render: (entry) => <Fault count={entry.repeated} /> },
  { title: 'Left out', isNumeric: true, render: (entry) => formatCount(entry.leftOut ?? 0) },
];

/** Samples committed per epoch: every one once, or it says so. */
export function LedgerPanel({ run }: { readonly run: RunView }) {
  const rows = run.ledger.toReversed();
  const isExact = rows.every((entry) => entry.missing === 0 && entry.repeated === 0);
  return (
    <section className="panel" aria-labelledby="ledger-title">
      <header className="panel-head">
        <h2 id="ledger-title">Ledger</h2>
        {rows.length === 0 ? null : (
          <span className="verdict" data-exact={isExact}>
            {isExact ? 'no sample lost or repeated' : 'does not add up'}
          </span>
        )}
      </header>
      {run.mixedFromStep === null ? null : (
        <p className="muted">
          From step {formatCount(run.mixedFromStep)} on workers of another compute fingerprint take part: the same bits
          are no longer promised.
        </p>
      )}
      {run.fastFromStep === null ? null : (
        <p className="muted">
          From step {formatCount(run.fastFromStep)} on GPUs compute with fast bits: the same bits are not promised.
        </p>
      )}
      {rows.length === 0 ? (
        <p className="muted">No step is committed yet.</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="group" aria-label="Ledger">
          <DataTable label="Samples per epoch" columns={COLUMNS} rows={rows} keyOf={(entry) => String(entry.epoch)} />
        </div>
      )}
    </section>
  );
}

function Fault({ count }: { readonly count: number }) {
  return <span className={count > 0 ? 'fault' : undefined}>{formatCount(count)}</span>;
}
