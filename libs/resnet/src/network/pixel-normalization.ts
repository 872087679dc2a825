/**
 * How an engine makes network input of a uint8 RGB pixel: (pixel / 255 - mean) / deviation, per channel. The constants are
 * torchvision's for ImageNet; the CIFAR networks use them too, as their usual PyTorch re-implementation does.
 */
export const PIXEL_NORMALIZATION = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
} as const;
