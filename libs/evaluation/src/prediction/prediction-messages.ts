import type { Orientation } from '#contracts';

/** What is asked of an image. */
export interface PredictionRequest {
  /** A whole image file. */
  readonly image: Uint8Array;
  /** As the network's images were seen when it was trained. */
  readonly orientation: Orientation;
  /** So many classes, the most probable first; all where there are fewer. */
  readonly top: number;
  /** Asks for a Grad-CAM overlay, of the most probable class or of another. */
  readonly overlay: { readonly ofClass: number | null } | null;
}

/** What the network says of an image. */
export interface Prediction {
  readonly kind: 'prediction';
  /** Pixels of the image as it was seen: upright, or as stored. */
  readonly width: number;
  readonly height: number;
  readonly classes: readonly { readonly index: number; readonly probability: number }[];
  /** A PNG file: the square of the image that the network saw. */
  readonly overlay: { readonly ofClass: number; readonly png: Uint8Array<ArrayBuffer> } | null;
}

/** The file is no image that can be read, and why. */
export interface RefusedImage {
  readonly kind: 'refused';
  readonly reason: string;
}

export interface PredictionThreadRequest extends PredictionRequest {
  readonly kind: 'predict';
}

export interface PredictionThreadAnswers {
  readonly predict: Prediction | RefusedImage;
}
