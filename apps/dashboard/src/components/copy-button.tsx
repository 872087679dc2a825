import { useEffect, useState } from 'react';

type Outcome = 'copied' | 'failed';

/** Copies `text`; says so for a moment, to screen readers too. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 1600);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => setOutcome((await writeToClipboard(text)) ? 'copied' : 'failed');
  return (
    <button type="button" className="copy" onClick={() => void copy()} aria-label={label} title={label}>
      <span aria-live="polite">{outcome ?? 'copy'}</span>
    </button>
  );
}

async function writeToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard API exists on secure pages only; the old command works on plain HTTP too.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  return isCopied;
}
