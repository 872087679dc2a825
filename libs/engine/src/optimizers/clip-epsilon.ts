/** Clipping scales by min(1, clipNorm / (norm + this)), as PyTorch's clip_grad_norm_. */
export const CLIP_EPSILON = 1e-6;
