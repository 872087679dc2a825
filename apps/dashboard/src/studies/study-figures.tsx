import type { StudyView } from '#contracts';
import { studyPath } from '../api/studies.js';
import { useIsDark } from '../shell/theme.js';

export interface StudyFiguresProps {
  readonly study: Pick<StudyView, 'id' | 'figures'>;
  /** Changes whenever a run of the study gets further. */
  readonly mark: string;
}

/** The study's figures as the coordinator draws them; while runs go on, drawn anew as they get further. */
export function StudyFigures({ study, mark }: StudyFiguresProps) {
  const theme = useIsDark() ? 'dark' : 'light';
  return (
    <div className="study-figures">
      {study.figures.map((name) => {
        const address = `${studyPath(study.id)}/figures/${encodeURIComponent(name)}.svg`;
        const title = `${words(name)}; the numbers are in the table`;
        return (
          <figure key={name} className="panel study-figure">
            <div className="study-scroll">
              <img src={`${address}?theme=${theme}&at=${mark}`} alt={title} data-figure={name} />
            </div>
            <figcaption>
              <a href={address} download={`${name}.svg`} aria-label={`Download ${words(name)} as SVG`}>
                SVG
              </a>
            </figcaption>
          </figure>
        );
      })}
    </div>
  );
}

/** error-by-depth -> `Error by depth`. */
function words(name: string): string {
  const text = name.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
