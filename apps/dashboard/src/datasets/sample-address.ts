import type { SampleChoice } from '../api/datasets.js';

/** Which samples are looked at, and how; kept in the address. */
export interface SampleAddress extends SampleChoice {
  readonly view: 'stored' | 'augmented';
  /** Seed of the augmentation. */
  readonly draw: number;
}

export function parseSampleAddress(search: URLSearchParams): SampleAddress {
  const label = wholeNumber(search.get('class'));
  return {
    split: search.get('split') === 'val' ? 'val' : 'train',
    label,
    page: wholeNumber(search.get('page')) ?? 0,
    view: search.get('view') === 'augmented' ? 'augmented' : 'stored',
    draw: wholeNumber(search.get('draw')) ?? 0,
  };
}

/** The query with what differs from the default; what else stands in it stays. */
export function withSampleAddress(search: URLSearchParams, address: SampleAddress): URLSearchParams {
  const next = new URLSearchParams(search);
  const values: readonly (readonly [string, string | null])[] = [
    ['split', address.split === 'train' ? null : address.split],
    ['class', address.label === null ? null : String(address.label)],
    ['page', address.page === 0 ? null : String(address.page)],
    ['view', address.view === 'stored' ? null : address.view],
    ['draw', address.draw === 0 ? null : String(address.draw)],
  ];
  // Anew, so that the order is always the same.
  for (const [name] of values) next.delete(name);
  for (const [name, value] of values) if (value !== null) next.append(name, value);
  return next;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
