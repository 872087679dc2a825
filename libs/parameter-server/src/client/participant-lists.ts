import type { Participant } from '../wire/frame.schema.js';
import type { ServerLink } from './server-link.js';

/** Every server has a list of the run's participants; the one that counts is that of the lowest connected server. */
export class ParticipantLists {
  readonly #links: readonly ServerLink[];
  readonly #tell: (participants: readonly Participant[]) => void;
  /** Index of the server whose list was told last. */
  #from = -1;

  constructor(links: readonly ServerLink[], tell: (participants: readonly Participant[]) => void) {
    this.#links = links;
    this.#tell = tell;
  }

  /** Whether this server's list is the one that counts. */
  isFrom({ index }: ServerLink): boolean {
    return index === this.#from;
  }

  /** A server has sent a list. */
  received(link: ServerLink): void {
    const counting = this.#counting;
    if (counting === undefined || (counting !== link && this.isFrom(counting))) return;
    this.#from = counting.index;
    if (counting.participants !== null) this.#tell(counting.participants);
  }

  /** A server has come or gone: another's list may count now. */
  linksChanged(): void {
    const counting = this.#counting;
    if (counting !== undefined && !this.isFrom(counting)) this.received(counting);
  }

  get #counting(): ServerLink | undefined {
    return this.#links.find(({ participants }) => participants !== null);
  }
}
