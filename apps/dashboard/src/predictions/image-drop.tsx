import { IMAGE_MEDIA_TYPES } from '#contracts';
import { useId, useState, type DragEvent, type ReactNode } from 'react';

export interface ImageDropProps {
  readonly onFile: (file: File) => void;
  readonly isBusy: boolean;
  readonly children: ReactNode;
}

/** A place to drop an image on, or to choose one by the system's dialog. */
export function ImageDrop({ onFile, isBusy, children }: ImageDropProps) {
  const [isOver, setIsOver] = useState(false);
  const id = useId();
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined && !isBusy) onFile(file);
  };
  return (
    <div
      className="image-drop"
      data-over={isOver}
      aria-busy={isBusy}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      {children}
      <input
        id={id}
        className="visually-hidden"
        type="file"
        accept={IMAGE_MEDIA_TYPES.join(',')}
        disabled={isBusy}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) onFile(file);
          // The same file may be chosen again.
          event.target.value = '';
        }}
      />
      <label htmlFor={id} className="button">
        {isBusy ? 'A worker classifies it…' : 'Choose an image'}
      </label>
    </div>
  );
}
