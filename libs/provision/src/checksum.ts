/** A file is not the one that was pinned: a broken or a changed download. */
export class ChecksumError extends Error {
  override readonly name = 'ChecksumError';
}
