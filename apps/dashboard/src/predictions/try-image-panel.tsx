import type { RunView } from '#contracts';
import { useState } from 'react';
import { ApiError } from '../api/http.js';
import { usePrediction } from '../api/predictions.js';
import { Segmented } from '../components/segmented.js';
import { formatCount } from '../format/format.js';
import { ClassBars } from './class-bars.js';
import { ImageDrop } from './image-drop.js';
import { useDataUrl } from './use-data-url.js';

/** What the coordinator takes. */
const MAX_BYTES = 16 * 1024 * 1024;
const SHOWN = [
  { value: 'overlay', label: 'Heat map' },
  { value: 'image', label: 'Image' },
] as const;

/** Choose or drop an image: the classes the newest checkpoint takes it for, and where it saw them. */
export function TryImagePanel({ run }: { readonly run: RunView }) {
  const [file, setFile] = useState<File | null>(null);
  const [shown, show] = useState<(typeof SHOWN)[number]['value']>('overlay');
  const { mutate, data, error, isPending } = usePrediction(run.id);
  const picture = useDataUrl(file);
  if (run.checkpoints.length === 0) return null;
  const isTooLarge = file !== null && file.size > MAX_BYTES;
  const look = (chosen: File, ofClass: string | null = null): void => {
    setFile(chosen);
    if (chosen.size <= MAX_BYTES) mutate({ file: chosen, ofClass });
  };
  const answer = error === null && !isTooLarge ? data : undefined;
  const overlay = answer?.overlay;
  const source = shown === 'overlay' && overlay ? `data:image/png;base64,${overlay.png}` : picture;
  const name = file?.name ?? 'image';
  return (
    <section className="panel" aria-labelledby="try-image-title">
      <header className="panel-head">
        <h2 id="try-image-title">Try an image</h2>
        {overlay ? <Segmented label="Show" value={shown} options={SHOWN} onChange={show} /> : null}
      </header>
      <div className="try-image">
        <ImageDrop onFile={look} isBusy={isPending}>
          {source === null ? (
            <p className="muted">Drop an image here.</p>
          ) : (
            <img
              src={source}
              alt={shown === 'overlay' && overlay ? `Where ${overlay.name} was seen in ${name}` : name}
            />
          )}
        </ImageDrop>
        <div className="try-image-result" aria-live="polite">
          {answer === undefined || file === null ? null : (
            <>
              <ClassBars prediction={answer} isBusy={isPending} onClass={(ofClass) => look(file, ofClass)} />
              <p className="muted">
                {answer.weights === 'average' ? 'Averaged weights' : 'Weights'} of step {formatCount(answer.step)}
                {overlay ? <> · Grad-CAM of {overlay.name}</> : null}
              </p>
            </>
          )}
          {error === null ? null : <p role="alert">{reasonOf(error)}</p>}
          {isTooLarge ? <p role="alert">{name} is larger than 16 MiB.</p> : null}
        </div>
      </div>
    </section>
  );
}

function reasonOf(error: Error): string {
  const [fault] = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  return fault === undefined ? error.message : `${error.message}: ${fault.message}`;
}
