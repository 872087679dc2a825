import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Proof that a participant knows the token: HMAC-SHA256(token, nonce + newline + workerId), hex. */
export function macOf(token: string, nonce: string, workerId: string): string {
  return createHmac('sha256', token).update(`${nonce}\n${workerId}`).digest('hex');
}

/** Compares in constant time. */
export function isSameMac(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'hex');
  const b = Buffer.from(given, 'hex');
  return a.length === b.length && timingSafeEqual(a, b);
}

/** 32 random bytes, hex: a proof is worth nothing on another connection. */
export function newNonce(): string {
  return randomBytes(32).toString('hex');
}
