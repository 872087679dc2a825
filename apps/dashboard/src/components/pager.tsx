import { PAGE_SIZE } from '../api/queries.js';

export interface PagerProps {
  /** Counted from 0. */
  readonly page: number;
  readonly offset: number;
  readonly numShown: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}

/** Newer and older pages of a list; nothing where one page holds it all. */
export function Pager({ page, offset, numShown, total, onPage }: PagerProps) {
  if (total <= PAGE_SIZE && page === 0) return null;
  return (
    <nav className="pager" aria-label="Pages of the list">
      <button type="button" className="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Newer
      </button>
      <span>
        {offset + 1}–{offset + numShown} of {total}
      </span>
      <button type="button" className="button" disabled={offset + numShown >= total} onClick={() => onPage(page + 1)}>
        Older
      </button>
    </nav>
  );
}
