import type { ServerLink } from './server-link.js';

export interface SoleMemberOptions {
  readonly links: readonly ServerLink[];
  readonly workerId: string;
  /** How long it must have been the only participant before it asks. */
  readonly afterMs: number;
  /** Rounds it must have committed since. */
  readonly afterRounds: number;
  /** It is over: what newcomers may need must be pushed. */
  readonly ended: () => void;
}

/**
 * When a participant keeps its roots to itself: while every server has granted that nobody is let in without its word. Then
 * it commits a round as soon as it has added up all lanes, and no byte of it travels.
 */
export class SoleMemberMode {
  readonly #options: SoleMemberOptions;
  #timer: NodeJS.Timeout | undefined;
  /** It has been the only participant for long enough. */
  #isDue = false;
  #numRounds = 0;
  #isGranted = false;
  #claimed: number | null = null;
  /** Servers that have asked for the word while a round was claimed. */
  readonly #owed = new Set<ServerLink>();

  constructor(options: SoleMemberOptions) {
    this.#options = options;
  }

  get isGranted(): boolean {
    return this.#isGranted;
  }

  /** Lists of participants may have changed. */
  look(): void {
    const { links, workerId, afterMs } = this.#options;
    const isOnlyParticipant = links.every(
      ({ isJoined, participants }) => isJoined && participants?.length === 1 && participants[0]?.workerId === workerId,
    );
    if (!isOnlyParticipant) return this.#startOver();
    if (this.#isGranted || this.#isDue) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#isDue = true;
      this.#ask();
    }, afterMs);
  }

  /** The participant has one root more. */
  committed(): void {
    this.#numRounds += 1;
    this.#ask();
  }

  /** A server has granted it. */
  granted(): void {
    this.#isGranted = this.#options.links.every(
      ({ isJoined, hasGrantedSoleMember }) => isJoined && hasGrantedSoleMember,
    );
  }

  /** Nobody is let in until the round is released. False outside the mode. */
  claim(round: number): boolean {
    if (this.#isGranted) this.#claimed = round;
    return this.#isGranted;
  }

  /** Who waits may come in, if it is this round that was claimed. */
  release(round: number): void {
    if (this.#claimed !== round) return;
    this.#claimed = null;
    for (const link of this.#owed) link.send({ type: 'sole-member-over' });
    this.#owed.clear();
  }

  /** A server would let somebody in: from here on roots go through the servers, from the next round on where one is claimed. */
  wanted(link: ServerLink): void {
    this.#end();
    if (this.#claimed === null) link.send({ type: 'sole-member-over' });
    else this.#owed.add(link);
  }

  /** A server is lost, and with it the word that it waited for. */
  lost(link: ServerLink): void {
    this.#owed.delete(link);
    this.#end();
  }

  #end(): void {
    for (const link of this.#options.links) link.hasGrantedSoleMember = false;
    const wasGranted = this.#isGranted;
    this.#isGranted = false;
    if (wasGranted) this.#options.ended();
    this.look();
  }

  close(): void {
    this.#startOver();
    this.#isGranted = false;
  }

  #ask(): void {
    const { links, afterRounds } = this.#options;
    if (!this.#isDue || this.#numRounds < afterRounds) return;
    this.#isDue = false;
    for (const link of links) link.send({ type: 'sole-member-request' });
  }

  #startOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
    this.#numRounds = 0;
  }
}
