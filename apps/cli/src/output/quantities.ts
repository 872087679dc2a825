/** Numbers in words a person reads: fixed widths so that a line that is drawn again does not jump. */

/** `48 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** A share in [0, 1] as `91.25 %`; a dash where there is none yet. */
export function formatShare(share: number | null, digits = 1): string {
  return share === null ? '-' : `${(share * 100).toFixed(digits)} %`;
}

export function formatLoss(loss: number | null): string {
  if (loss === null) return '-';
  return loss !== 0 && Math.abs(loss) < 0.01 ? loss.toExponential(1) : loss.toFixed(3);
}

export function formatRate(imagesPerSecond: number | null): string {
  return imagesPerSecond === null ? '-' : imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0);
}

/** Powers of 1000: `1.1 MB`. */
export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3));
  return `${(sizeBytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `2 min 10 s ago`. */
export function formatAge(at: number, now: number): string {
  return `${formatDuration((now - at) / 1000)} ago`;
}

/** `2026-11-03 14:05:09` in the local time zone. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const shifted = new Date(at - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}
