import type { Store, StoredObject } from '#stores';
import { partOf, readAhead, type ByteSource } from '../byte-source.js';
import type { FileInspection } from '../image-format/inspect-file.js';
import { inspectPart, withStoredBytes } from '../scan/stored-bytes.js';
import type { FoundSample, UnitRecorder } from '../scan/unit-scan.js';
import { kindOfMember } from '../tar/kind-of-member.js';
import { tarEntries, TarFault, type TarEntry } from '../tar/tar-entries.js';
import { isImageName } from './member-names.js';

export interface ShardScan {
  readonly store: Store;
  readonly shard: StoredObject;
  /** Field of a `.json` member that is the label. */
  readonly labelField: string;
  readonly recorder: UnitRecorder;
  readonly onSample: () => void;
  readonly signal: AbortSignal | undefined;
}

/** A label and what comes with it are a line or two. */
const MAX_LABEL_BYTES = 2 ** 20;

interface Sample {
  readonly key: string;
  readonly images: { readonly entry: TarEntry; readonly inspection: FileInspection }[];
  cls: string | null;
  /** What its `.json` says. */
  json: { readonly label: string | null; readonly reason: string } | null;
  labelMember?: string;
}

/**
 * Looks at a shard as WebDataset has it: neighbours in a tar that are called the same up to their first dot are one sample, an
 * image with its `.cls` or `.json`. Nothing between the ends of an image is read.
 */
export async function scanShard({ store, shard, labelField, recorder, onSample, signal }: ShardScan): Promise<void> {
  const { path, sizeBytes, version } = shard;
  const file = recorder.addFile(path, { sizeBytes, version });
  let numSamples = 0;
  const dotted: string[] = [];
  try {
    await withStoredBytes({ store, path, expectedVersion: version, signal }, async (source) => {
      const onOther = (member: string, kind: string): void => recorder.leaveOut(member, kind);
      for await (const sample of samplesOf(readAhead(source), { labelField, dotted, onOther })) {
        onSample();
        numSamples += 1;
        const outcome = outcomeOf(sample);
        if (typeof outcome === 'string') recorder.broken.push({ path: `${path}: ${sample.key}`, message: outcome });
        else recorder.add({ file, ...outcome });
      }
    });
  } catch (error) {
    if (!(error instanceof TarFault)) throw error;
    recorder.faults.push({ path, message: error.message });
    return;
  }
  if (numSamples > 0) return;
  const [name] = dotted;
  const hint = name === undefined ? '' : `: WebDataset parts names at their first dot, so ${name} is none`;
  recorder.faults.push({ path, message: `holds no image${hint}` });
}

interface SampleOptions {
  readonly labelField: string;
  /** Receives a name that is an image's up to its last dot only. */
  readonly dotted: string[];
  /** Told of members that are neither image nor label, and of labels without an image. */
  readonly onOther: (member: string, kind: string) => void;
}

/** Samples of a tar that have an image. Images are looked at on the way: then every byte is read once. */
async function* samplesOf(source: ByteSource, { labelField, dotted, onOther }: SampleOptions): AsyncGenerator<Sample> {
  let sample: Sample | undefined;
  const isWhole = (one: Sample | undefined): one is Sample => {
    if (one !== undefined && one.images.length > 0) return true;
    if (one?.labelMember !== undefined) onOther(one.labelMember, 'a label without an image');
    return false;
  };
  for await (const entry of tarEntries(source)) {
    const member = memberOf(entry.path);
    if (entry.kind === 'other') continue;
    if (member === null) {
      onOther(entry.path, await kindOfMember(source, entry));
      continue;
    }
    if (sample?.key !== member.key) {
      if (isWhole(sample)) yield sample;
      sample = { key: member.key, images: [], cls: null, json: null };
    }
    if (isImageName(member.extension)) {
      const inspection: FileInspection =
        entry.kind === 'link'
          ? { kind: 'fault', reason: 'is a link to another file of the tar' }
          : await inspectPart(partOf(source, entry.offset, entry.sizeBytes));
      sample.images.push({ entry, inspection });
    } else if (member.extension === 'cls') {
      sample.cls = (await textOf(source, entry))?.trim() ?? null;
      sample.labelMember = entry.path;
    } else if (member.extension === 'json') {
      sample.json = labelIn(await textOf(source, entry), labelField);
      sample.labelMember = entry.path;
    } else {
      const isDotted = isImageName(member.extension.slice(member.extension.lastIndexOf('.') + 1));
      if (isDotted && dotted.length === 0) dotted.push(entry.path);
      onOther(entry.path, await kindOfMember(source, entry));
    }
  }
  if (isWhole(sample)) yield sample;
}

/** The sample's place and label, or what is wrong with it. */
function outcomeOf({ images, cls, json }: Sample): Omit<FoundSample, 'file'> | string {
  const [image] = images;
  if (image === undefined || images.length > 1) {
    return `has ${images.length} images: ${images.map(({ entry }) => entry.path).join(', ')}`;
  }
  const label = cls ?? json?.label ?? '';
  if (label === '') return json?.reason ?? 'has no label: neither .cls nor .json lies beside it';
  if (image.inspection.kind === 'fault') return image.inspection.reason;
  const { offset, sizeBytes } = image.entry;
  return { offset, length: sizeBytes, label, header: image.inspection.header };
}

/** Key and extension of a member: the first dot of its name parts them. Null for names that archivers add. */
function memberOf(path: string): { readonly key: string; readonly extension: string } | null {
  const start = path.lastIndexOf('/') + 1;
  const dot = path.indexOf('.', start);
  if (dot <= start) return null;
  return { key: path.slice(0, dot), extension: path.slice(dot + 1).toLowerCase() };
}

async function textOf(source: ByteSource, { offset, sizeBytes }: TarEntry): Promise<string | null> {
  if (sizeBytes > MAX_LABEL_BYTES) return null;
  return Buffer.from(await source.read(offset, sizeBytes)).toString('utf8');
}

function labelIn(text: string | null, field: string): Sample['json'] {
  let value: unknown;
  try {
    value = text === null ? undefined : JSON.parse(text);
  } catch {
    return { label: null, reason: 'its .json cannot be read' };
  }
  const label: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
  if (typeof label === 'number' || (typeof label === 'string' && label.trim() !== '')) {
    return { label: String(label).trim(), reason: '' };
  }
  const fields = typeof value === 'object' && value !== null ? Object.keys(value).slice(0, 10).join(', ') : 'no object';
  return { label: null, reason: `its .json has no label ${field} (${fields}); dataset.labelField names another` };
}
