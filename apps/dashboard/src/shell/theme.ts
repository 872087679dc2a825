import { useSyncExternalStore } from 'react';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'skiplane.theme';
const listeners = new Set<() => void>();
const darkQuery = matchMedia('(prefers-color-scheme: dark)');
let theme: Theme = read();

function read(): Theme {
  try {
    return THEMES.find((known) => known === localStorage.getItem(STORAGE_KEY)) ?? 'auto';
  } catch {
    // Storage may be denied; then the system's choice holds.
    return 'auto';
  }
}

function isDark(): boolean {
  return theme === 'dark' || (theme === 'auto' && darkQuery.matches);
}

function apply(): void {
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

/** Puts the saved or the system's theme on the document and follows the system from then on. */
export function startTheme(): void {
  darkQuery.addEventListener('change', apply);
  apply();
}

export function setTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // Not saved then; it still holds for this page.
  }
  apply();
}

export function subscribeToTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the page is dark now, by choice or by the system. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribeToTheme, isDark);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribeToTheme, () => theme);
}
