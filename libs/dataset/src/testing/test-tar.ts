import { Header, Pax } from 'tar';

export interface TestTarEntry {
  readonly path: string;
  readonly bytes?: Uint8Array | string;
  /** How a long name is written: as GNU's tar does, or as POSIX 2001 has it. Default: within the header. */
  readonly longName?: 'gnu' | 'pax';
  readonly type?: 'File' | 'Directory' | 'Link' | 'SparseFile';
}

/** A tar of these entries, with its two empty blocks at the end. */
export function testTar(entries: readonly TestTarEntry[]): Uint8Array {
  return new Uint8Array(Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(1024)]));
}

function blocksOf({ path, bytes = '', longName, type = 'File' }: TestTarEntry): Buffer[] {
  const contents = Buffer.from(bytes);
  const name = longName === undefined ? path : path.slice(0, 90);
  const header = headerBlock({ path: name, size: contents.length, type, mode: 0o644 });
  if (longName === 'pax') return [new Pax({ path, size: contents.length }).encode(), header, padded(contents)];
  if (longName === undefined) return [header, padded(contents)];
  const named = Buffer.from(`${path}\0`);
  const note = headerBlock({ path: '././@LongLink', size: named.length, type: 'NextFileHasLongPath' });
  return [note, padded(named), header, padded(contents)];
}

function headerBlock(fields: ConstructorParameters<typeof Header>[0]): Buffer {
  const block = Buffer.alloc(512);
  new Header(fields).encode(block, 0);
  return block;
}

function padded(contents: Buffer): Buffer {
  return Buffer.concat([contents, Buffer.alloc((512 - (contents.length % 512)) % 512)]);
}
