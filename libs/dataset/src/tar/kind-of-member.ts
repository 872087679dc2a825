import type { ByteSource } from '../byte-source.js';
import { formatOf, otherKindOf, SNIFFED_BYTES } from '../image-format/image-formats.js';
import type { TarEntry } from './tar-entries.js';

/** What a member that is not looked at is by its first bytes: `text`, `HEIC`, `jpeg`. */
export async function kindOfMember(source: ByteSource, { kind, offset, sizeBytes }: TarEntry): Promise<string> {
  if (kind === 'link') return 'a link';
  const start = await source.read(offset, Math.min(SNIFFED_BYTES, sizeBytes));
  return formatOf(start)?.name ?? otherKindOf(start);
}
