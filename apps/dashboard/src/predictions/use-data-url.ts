import { useEffect, useState } from 'react';

/** The file as an address for an image; null until it was read. The page's policy allows no object URLs. */
export function useDataUrl(file: File | null): string | null {
  const [held, hold] = useState<{ readonly file: File; readonly url: string } | null>(null);
  useEffect(() => {
    if (file === null) return;
    const reader = new FileReader();
    reader.addEventListener('load', () => {
      if (typeof reader.result === 'string') hold({ file, url: reader.result });
    });
    reader.readAsDataURL(file);
    return () => reader.abort();
  }, [file]);
  return held?.file === file ? held.url : null;
}
