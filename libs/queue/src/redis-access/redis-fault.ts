import { hideSecrets } from '#telemetry';

/** Why a Redis cannot be used now. */
export interface RedisFault {
  /**
   * `lasting`: somebody has to change something, so a process is refused at its start. `doubtful`: no Redis was found
   * where one was named; it may come up, or the address is wrong. `passing`: it says itself that it will be back.
   */
  readonly kind: 'lasting' | 'doubtful' | 'passing';
  /** What is wrong and what to do, without passwords. */
  readonly message: string;
}

/** Answers of a server that does not take what it is asked to now, and is right once somebody or time has seen to it. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [/\bREADONLY\b/, 'is a read-only replica: it was demoted, or REDIS_URL does not lead to the primary'],
  [/\bLOADING\b/, 'is still reading its data'],
  [/\bMASTERDOWN\b/, 'is a replica that has lost its primary'],
  [/\bCLUSTERDOWN\b/, 'belongs to a cluster that is down'],
  [/\bOOM\b/, 'has no memory left (maxmemory): free some, or raise maxmemory'],
  [/\bMISCONF\b/, 'cannot write its data to disk: see its log, the disk may be full'],
  [/\bNOREPLICAS\b/, 'has fewer replicas than it asks for (min-replicas-to-write)'],
  [/\bUNBLOCKED\b/, 'has just become a replica'],
  [/\b(?:BUSY|TRYAGAIN)\b/, 'is busy'],
];

const LASTING: readonly (readonly [RegExp, string])[] = [
  [/\bWRONGPASS\b|invalid password/, 'does not take the user and password of REDIS_URL'],
  [/\bNOAUTH\b/, 'asks for a password, and REDIS_URL has none'],
  [/DB index is out of range/, 'has no database of the number that REDIS_URL ends with'],
  [/\b(?:MOVED|CROSSSLOT)\b/, 'is a Redis Cluster, which is not supported: name a single Redis'],
  [/Unknown RESP type|Protocol error/i, 'answers, but is no Redis: REDIS_URL names another service’s port'],
];

/** TLS' own words for a certificate that is not trusted, whatever it lacks. */
const UNTRUSTED =
  /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)|CERT_(?:UNTRUSTED|REJECTED|SIGNATURE_FAILURE)|INVALID_CA)$/;
const CA_ADVICE = 'give the file of its CA (PEM) in NODE_EXTRA_CA_CERTS';

const BY_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'it does not answer',
};

/** What an error of a connection or of a command says about Redis; undefined where it is about something else. */
export function redisFault(error: unknown, url: string): RedisFault | undefined {
  const [code, text] = [codeOf(error), error instanceof Error ? error.message : String(error)];
  const where = `Redis at ${hideSecrets(url)}`;
  const isTls = url.startsWith('rediss:');
  const passing = PASSING.find(([pattern]) => pattern.test(text));
  if (passing) return { kind: 'passing', message: `${where} ${passing[1]} (${firstLine(text)})` };
  const lasting = LASTING.find(([pattern]) => pattern.test(text));
  if (lasting) return { kind: 'lasting', message: `${where} ${lasting[1]} (${firstLine(text)})` };
  if (/\bNOPERM\b/.test(text))
    return { kind: 'lasting', message: `${where} refuses its user a right (${firstLine(text)})` };
  if (UNTRUSTED.test(code)) {
    return { kind: 'lasting', message: `the certificate of ${where} is not trusted (${code}): ${CA_ADVICE}` };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return { kind: 'lasting', message: `the certificate of ${where} does not hold: ${firstLine(text)} (${code})` };
  }
  if (/^ERR_SSL_|^EPROTO$/.test(code)) {
    return { kind: 'lasting', message: `${where} does not speak TLS (${code}): redis:// is without` };
  }
  const reason = BY_CODE[code];
  if (isTls && code === 'ETIMEDOUT') {
    const message = `${where} does not take up TLS (${code}): it does not answer, or its port is one without TLS (redis://)`;
    return { kind: 'doubtful', message };
  }
  if (reason !== undefined) return { kind: 'doubtful', message: `${where} cannot be reached: ${reason} (${code})` };
  if (/Command timed out/.test(text)) return { kind: 'doubtful', message: `${where} does not answer` };
  if (code === 'ECONNRESET' || code === 'EPIPE' || /Connection is closed|max retries per request/i.test(text)) {
    const tls = isTls ? '' : ': it may be gone, or expect TLS (rediss://)';
    return { kind: 'doubtful', message: `${where} closes the connection${tls}` };
  }
  return undefined;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200).replace(/\.$/, '');
}
