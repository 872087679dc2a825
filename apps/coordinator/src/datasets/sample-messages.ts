import type { DatasetSamples, DatasetSpec } from '#contracts';
import type { SampleView } from '#data-loading';
import type { StoreSettings } from '#stores';

/** A split of a data set whose index is kept. */
export interface KeptSplit {
  readonly spec: DatasetSpec;
  readonly digest: string;
  readonly keptFolder: string;
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
  readonly split: 'train' | 'val';
}

/** Which samples are listed. */
export interface SampleChoice {
  /** Of this class alone. */
  readonly label: number | undefined;
  /** Mixes them; without it they come as they are numbered. */
  readonly seed: number | undefined;
  readonly offset: number;
  readonly count: number;
}

/** What the process is asked that looks at samples. */
export type SampleRequest =
  | { readonly kind: 'list'; readonly of: KeptSplit; readonly choice: SampleChoice }
  | {
      readonly kind: 'picture';
      readonly of: KeptSplit;
      readonly sample: number;
      readonly view: SampleView;
      /** Pixels. */
      readonly side: number;
    };

/** Null: the index is not kept any more. */
export interface SampleAnswers {
  readonly list: DatasetSamples | null;
  /** WebP. */
  readonly picture: Uint8Array<ArrayBuffer> | null;
}
