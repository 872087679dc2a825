import { useEffect, useState } from 'react';
import { request } from '../api/http.js';

/** The image of a sample; where it cannot be shown, why. */
export function SampleImage({ path, alt }: { readonly path: string; readonly alt: string }) {
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => setFault(null), [path]);
  const explain = (): void => {
    setFault('…');
    // An image element does not tell what the coordinator said.
    request(path).then(
      () => setFault('This browser cannot show it.'),
      (error: unknown) => setFault(error instanceof Error ? error.message : String(error)),
    );
  };
  if (fault !== null) {
    return (
      <span className="sample-fault" role="img" aria-label={`${alt}: ${fault}`}>
        {fault}
      </span>
    );
  }
  return <img src={path} alt={alt} loading="lazy" decoding="async" onError={explain} />;
}
