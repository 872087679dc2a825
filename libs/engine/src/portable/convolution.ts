import * as tf from '@tensorflow/tfjs';
import { asTensor4D } from './rank.js';

import type { ConvolutionSettings } from './forward-context.js';

/**
 * x_NHWC * kernel_HWIO with symmetric padding and TensorFlow's own gradients; for native backends. Explicit `pad`
 * because their gradient kernels know only VALID and SAME.
 */
export function nativeConvolution(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { stride, padding }: ConvolutionSettings,
): tf.Tensor4D {
  return tf.conv2d(padSides(x, padding), kernel, stride, 'valid');
}

/**
 * The same for the JavaScript backend, whose own gradient kernels are 25 times slower than its forward (15 against
 * 400 million multiply-adds a second). Both gradients are written with operations that are fast there.
 */
export function javascriptConvolution(x: tf.Tensor4D, kernel: tf.Tensor4D, settings: ConvolutionSettings): tf.Tensor4D {
  const convolve = tf.customGrad((input, weights, save) => {
    const [x4, w] = [asTensor4D(input), asTensor4D(weights)];
    if (typeof save === 'function') save([x4, w]);
    return {
      value: tf.conv2d(x4, w, settings.stride, settings.padding, 'NHWC', 1, 'floor'),
      gradFunc: (dy, [savedX, savedW]) => {
        const [dy4, keptX, keptW] = [asTensor4D(dy), asTensor4D(savedX), asTensor4D(savedW)];
        return [
          settings.needsInputGradient ? inputGradient(dy4, keptW, keptX.shape, settings) : tf.zerosLike(keptX),
          settings.needsKernelGradient ? kernelGradient(keptX, dy4, keptW.shape, settings) : tf.zerosLike(keptW),
        ];
      },
    };
  });
  return asTensor4D(convolve(x, kernel));
}

type Shape4D = [number, number, number, number];

const padSides = (x: tf.Tensor4D, before: number, after: readonly [number, number] = [before, before]): tf.Tensor4D =>
  tf.pad(x, [
    [0, 0],
    [before, after[0]],
    [before, after[1]],
    [0, 0],
  ]);

/** stride - 1 zeros after every row and column. */
function dilate(dy: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const gap: [number, number] = [0, stride - 1];
  const none: [number, number] = [0, 0];
  const spread = tf.pad(tf.reshape(dy, [batch, height, 1, width, 1, channels]), [none, none, gap, none, gap, none]);
  return tf.reshape(spread, [batch, height * stride, width * stride, channels]);
}

/**
 * The kernel turned by 180 degrees, its positions in reverse order, in and out channels swapped. (`tf.reverse` and
 * `tf.transpose` work out the place of every element anew: 20 times slower than this loop.)
 */
function turned(kernel: tf.Tensor4D): tf.Tensor4D {
  const [height, width, inChannels, outChannels] = kernel.shape;
  const values = kernel.dataSync<'float32'>();
  const result = new Float32Array(values.length);
  let from = 0;
  for (let matrix = values.length - inChannels * outChannels; matrix >= 0; matrix -= inChannels * outChannels) {
    for (let input = 0; input < inChannels; input += 1) {
      for (let output = 0; output < outChannels; output += 1) {
        result[matrix + output * inChannels + input] = values[from] ?? 0;
        from += 1;
      }
    }
  }
  return tf.tensor4d(result, [height, width, outChannels, inChannels]);
}

/** dx = the full correlation of the dilated dy with the turned kernel. */
function inputGradient(
  dy: tf.Tensor4D,
  kernel: tf.Tensor4D,
  xShape: Shape4D,
  settings: ConvolutionSettings,
): tf.Tensor4D {
  const { stride, padding } = settings;
  const before = kernel.shape[0] - 1 - padding;
  let dilated = dilate(dy, stride);
  const [batch, , , outChannels] = dilated.shape;
  // Negative where the last gap lies outside of x: a 1x1 kernel with stride 2 on an odd size.
  const after = [xShape[1] + padding - dilated.shape[1], xShape[2] + padding - dilated.shape[2]] as const;
  const [height, width] = [dilated.shape[1] + Math.min(after[0], 0), dilated.shape[2] + Math.min(after[1], 0)];
  if (after[0] < 0 || after[1] < 0) dilated = tf.slice(dilated, [0, 0, 0, 0], [batch, height, width, outChannels]);
  const padded = padSides(dilated, before, [Math.max(after[0], 0), Math.max(after[1], 0)]);
  return tf.conv2d(padded, turned(kernel), 1, 'valid');
}

/**
 * With x and dy on the same padded grid, flattened to rows of pixels, the gradient of kernel position (i, j) is
 * x shifted by i rows and j columns, transposed, times dy: contiguous slices and one matrix product each. Where a shift
 * wraps around an edge, dy is zero.
 */
function kernelGradient(x: tf.Tensor4D, dy: tf.Tensor4D, shape: Shape4D, settings: ConvolutionSettings): tf.Tensor4D {
  const { stride, padding } = settings;
  const [kernelHeight, kernelWidth, inChannels, outChannels] = shape;
  const dilated = dilate(dy, stride);
  const [batch, height, width] = x.shape;
  const gridHeight = Math.max(height + 2 * padding, dilated.shape[1]);
  const gridWidth = Math.max(width + 2 * padding, dilated.shape[2]);
  const numRows = batch * gridHeight * gridWidth;
  const xRows = tf.reshape(padSides(x, padding, [gridHeight - height - padding, gridWidth - width - padding]), [
    numRows,
    inChannels,
  ]);
  const dyRows = tf.reshape(padSides(dilated, 0, [gridHeight - dilated.shape[1], gridWidth - dilated.shape[2]]), [
    numRows,
    outChannels,
  ]);
  const positions: tf.Tensor[] = [];
  for (let i = 0; i < kernelHeight; i += 1) {
    for (let j = 0; j < kernelWidth; j += 1) {
      const shift = i * gridWidth + j;
      const shifted = tf.slice(xRows, [shift, 0], [numRows - shift, inChannels]);
      positions.push(tf.matMul(shifted, tf.slice(dyRows, [0, 0], [numRows - shift, outChannels]), true));
    }
  }
  return tf.reshape(tf.stack(positions), shape);
}
