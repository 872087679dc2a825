import { participantTimesSchema, roundTimesSchema, WIRE_FORMATS } from '#contracts';
import { z } from 'zod';

/** Version of the wire format; both ends must have the same. */
export const PROTOCOL_VERSION = 12;

const workerId = z.string().min(1).max(200);
const round = z.int().min(0);
const transfer = z.string().min(1).max(64);
/** A state of this round, or of one before it, is of no use: of such a one the beginning is sent alone. -1: any is. */
const newerThan = z.int().min(-1);
const reason = z.string().max(2_000);
/** Indices in the list of servers that all participants share. */
const servers = z.array(z.int().min(0).max(65_535)).max(1_024);

/** Where a payload lies, elements [lo, hi) of a vector of `length`, and what its numbers are. */
const range = {
  round,
  length: z.int().min(1),
  lo: z.int().min(0),
  hi: z.int().min(1),
  format: z.enum(WIRE_FORMATS),
};

/** Frames of a state transfer, which a server hands on unread between the two participants. */
const stateFrames = [
  z.strictObject({
    type: z.literal('state-begin'),
    transfer,
    round,
    /** Names and elements of the vectors: the first parts of the state. */
    vectors: z.array(z.strictObject({ name: z.string().min(1).max(100), length: z.int().min(0) })).max(1_000),
    /** Size of the last part: JSON, filled up with spaces to whole elements. */
    memoryBytes: z.int().min(0).multipleOf(4),
  }),
  /** Payload: the next bytes of that part. */
  z.strictObject({ type: z.literal('state-chunk'), transfer, part: z.int().min(0), offsetBytes: z.int().min(0) }),
  z.strictObject({ type: z.literal('state-end'), transfer }),
  /** Receiver to donor: so many chunks have been taken in. */
  z.strictObject({ type: z.literal('state-ack'), transfer, chunks: z.int().min(0) }),
  /** Either side gives up. */
  z.strictObject({ type: z.literal('state-cancel'), transfer, reason }),
] as const;

/** What either end may send at any time. */
const liveness = [
  z.strictObject({ type: z.literal('ping'), at: z.number() }),
  z.strictObject({ type: z.literal('pong'), at: z.number() }),
  /** The payloads in these slots of shared memory were taken. */
  z.strictObject({ type: z.literal('taken'), slots: z.array(z.int().min(0).max(65_535)).min(1).max(1_024) }),
] as const;

/** Where a process of this host finds memory for payloads: of the sender's process, with its key in the beginning. */
const segment = {
  pid: z.int().min(1),
  fd: z.int().min(0),
  bytes: z.int().min(1),
  key: z.string().regex(/^[0-9a-f]{64}$/),
};

/** Participant to server. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('authenticate'),
    workerId,
    /** HMAC-SHA256(token, nonce + newline + workerId), hex; empty without a token. */
    mac: z.string().regex(/^([0-9a-f]{64})?$/),
  }),
  z.strictObject({
    type: z.literal('join'),
    runId: z.string().min(1).max(200),
    incarnation: z.int().min(1),
    lanes: z.int().min(1).max(65_536),
  }),
  /** Wants the roots of this round and later. */
  z.strictObject({ type: z.literal('follow'), round }),
  /** Its replica is complete at this round. */
  z.strictObject({ type: z.literal('ready'), round }),
  /** Its replica has fallen behind; it is as a newcomer until it is ready again. */
  z.strictObject({ type: z.literal('unready') }),
  z.strictObject({ type: z.literal('push'), ...range, node: z.tuple([z.int().min(0), z.int().min(1)]) }),
  /** All of this participant's pushes of the round have been sent. */
  z.strictObject({ type: z.literal('round-times'), round, times: roundTimesSchema }),
  z.strictObject({ type: z.literal('state-request'), transfer, newerThan }),
  /** Which servers' ranges this participant asks this one to add up as well, because it cannot reach them; replaces the last. */
  z.strictObject({ type: z.literal('take-over'), servers }),
  /** It is the only participant and asks that nobody be let in without its word, so that it may keep its roots to itself. */
  z.strictObject({ type: z.literal('sole-member-request') }),
  /** Its word: from here on every root goes through the servers, and what newcomers need of the last ones is on its way. */
  z.strictObject({ type: z.literal('sole-member-over') }),
  z.strictObject({ type: z.literal('leave') }),
  /** Offers memory in which this participant's payloads will lie. */
  z.strictObject({ type: z.literal('share'), ...segment }),
  /** It has the server's memory, too. */
  z.strictObject({ type: z.literal('shares') }),
  ...stateFrames,
  ...liveness,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

const participantSchema = z.strictObject({
  workerId,
  /** Its replica is complete: it can give its state to others. */
  isReady: z.boolean(),
  /** The round its replica was complete at when it last said so or pushed; null where it is not ready. */
  round: round.nullable(),
  /** Grows with every join, as this server saw them. */
  order: z.int().min(0),
  /** Servers whose ranges it asks this one to add up as well. */
  takenOver: servers,
});

/** One participant of a run. */
export type Participant = z.infer<typeof participantSchema>;

/** Why a server ends a connection. */
export const FAULT_CODES = ['malformed', 'refused', 'replaced', 'overloaded', 'silent', 'closing'] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

/** Server to participant. */
export const serverFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    nonce: z.string().regex(/^[0-9a-f]{64}$/),
    /** Of the Skiplane that the server is of. */
    version: z.string().max(100).optional(),
  }),
  z.strictObject({ type: z.literal('welcome') }),
  z.strictObject({ type: z.literal('joined') }),
  /** The server has the offered memory, and this is its own; null where it has not. */
  z.strictObject({ type: z.literal('shared'), segment: z.strictObject(segment).nullable() }),
  z.strictObject({ type: z.literal('participants'), participants: z.array(participantSchema).max(65_536) }),
  z.strictObject({ type: z.literal('root'), ...range }),
  /** To the first ready participant: how fast everybody was in a round that is over. */
  z.strictObject({
    type: z.literal('participant-times'),
    round,
    participants: z.array(participantTimesSchema).max(65_536),
  }),
  z.strictObject({ type: z.literal('sole-member-granted') }),
  /** Somebody waits to be let in. */
  z.strictObject({ type: z.literal('sole-member-end') }),
  /** Somebody needs this participant's state. */
  z.strictObject({ type: z.literal('state-wanted'), transfer, newerThan }),
  /** The last frame before the server closes the connection. */
  z.strictObject({ type: z.literal('error'), code: z.enum(FAULT_CODES), message: reason }),
  ...stateFrames,
  ...liveness,
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** A frame of a state transfer, the same in both directions. */
export type StateFrame = Extract<ClientFrame, { type: `state-${'begin' | 'chunk' | 'end' | 'ack' | 'cancel'}` }>;

/**
 * Frames of a state overtake roots and pushes that wait: whoever needs a state can use no root before it is there, and
 * only a few of its pieces are under way. Behind the roots that pile up meanwhile it would move on a window a round.
 */
export const isOfState = (frame: { readonly type: string }): boolean => frame.type.startsWith('state-');
