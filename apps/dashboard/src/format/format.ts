/** Numbers as people read them. Every function takes null for "not known yet" and answers with an en dash. */
export const UNKNOWN = '–';

export function formatCount(value: number | null): string {
  return value === null ? UNKNOWN : Math.round(value).toLocaleString('en-US');
}

/** `1 image`, `1,200 images`. */
export function counted(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** 1_250 -> `1.25k`: for axes, where room is short. */
export function formatCompact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Share in [0, 1] -> `93.4 %`. */
export function formatPercent(share: number | null, digits = 1): string {
  return share === null ? UNKNOWN : `${(share * 100).toFixed(digits)} %`;
}

/** A loss: four significant digits without the exponent where it can be helped. */
export function formatLoss(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(2);
  return value.toFixed(Math.abs(value) >= 100 ? 1 : 4);
}

/** Images per second: two decimals only where they can be told apart. */
export function formatRate(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value >= 100 ? formatCount(value) : value.toFixed(value >= 10 ? 1 : 2);
}

/** Seconds -> `48 s`, `12 min 05 s`, `3 h 20 min`, `2 d 4 h`. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return UNKNOWN;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Seconds -> `4:05`, `1:04:05`: for the wall-clock axis. */
export function formatElapsed(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

export function formatMilliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ms`;
}

/** How long ago `at` was at `now`, both in milliseconds since 1970. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** The first characters of a digest: enough to tell two apart by eye. */
export function shorten(text: string, length = 12): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
