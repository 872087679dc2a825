import { createHash } from 'node:crypto';
import type { PinnedWheel } from '#provision';

interface Pin extends Pick<PinnedWheel, 'project' | 'version' | 'sizeBytes' | 'sha256'> {
  /** pip's names of them, as the file's name ends. */
  readonly platforms: string;
}

/**
 * What pip's resolver chose for the extra `and-cuda` of the pinned TensorFlow: CUDA 12.9, cuDNN 9 and NCCL 2. For x86-64
 * alone: TensorFlow publishes no wheel with GPU kernels for other processors.
 */
const PINS: readonly Pin[] = [
  {
    project: 'nvidia-cublas-cu12',
    version: '12.9.3.13',
    platforms: 'manylinux_2_27_x86_64',
    sizeBytes: 581_217_458,
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  },
  {
    project: 'nvidia-cuda-cupti-cu12',
    version: '12.9.79',
    platforms: 'manylinux_2_25_x86_64',
    sizeBytes: 10_814_997,
    sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  },
  {
    project: 'nvidia-cuda-nvcc-cu12',
    version: '12.9.86',
    platforms: 'manylinux2010_x86_64.manylinux_2_12_x86_64',
    sizeBytes: 40_546_229,
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  },
  {
    project: 'nvidia-cuda-nvrtc-cu12',
    version: '12.9.86',
    platforms: 'manylinux2010_x86_64.manylinux_2_12_x86_64',
    sizeBytes: 89_568_129,
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  },
  {
    project: 'nvidia-cuda-runtime-cu12',
    version: '12.9.79',
    platforms: 'manylinux2014_x86_64.manylinux_2_17_x86_64',
    sizeBytes: 3_493_179,
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  },
  {
    project: 'nvidia-cudnn-cu12',
    version: '9.28.0.42',
    platforms: 'manylinux_2_27_x86_64',
    sizeBytes: 716_538_495,
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  },
  {
    project: 'nvidia-cufft-cu12',
    version: '11.4.1.4',
    platforms: 'manylinux2014_x86_64.manylinux_2_17_x86_64',
    sizeBytes: 200_877_592,
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  },
  {
    project: 'nvidia-curand-cu12',
    version: '10.3.10.19',
    platforms: 'manylinux_2_27_x86_64',
    sizeBytes: 68_295_626,
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  },
  {
    project: 'nvidia-cusolver-cu12',
    version: '11.7.5.82',
    platforms: 'manylinux_2_27_x86_64',
    sizeBytes: 338_117_415,
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  },
  {
    project: 'nvidia-cusparse-cu12',
    version: '12.5.10.65',
    platforms: 'manylinux2014_x86_64.manylinux_2_17_x86_64',
    sizeBytes: 366_465_088,
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  },
  {
    project: 'nvidia-nccl-cu12',
    version: '2.32.3',
    platforms: 'manylinux_2_27_x86_64',
    sizeBytes: 351_526_311,
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  },
  {
    project: 'nvidia-nvjitlink-cu12',
    version: '12.9.86',
    platforms: 'manylinux2010_x86_64.manylinux_2_12_x86_64',
    sizeBytes: 39_748_338,
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  },
];

/** CUDA's libraries, cuDNN and NCCL as NVIDIA's wheels ship them, pinned to their bytes. */
export const NVIDIA_WHEELS: readonly PinnedWheel[] = PINS.map(({ platforms, ...pin }) => ({
  ...pin,
  fileName: `${pin.project.replaceAll('-', '_')}-${pin.version}-py3-none-${platforms}.whl`,
  pythonVersion: '311',
  // A file for several of pip's platforms is found by any of them.
  platform: platforms.split('.').at(-1) ?? platforms,
}));

/** Version of each library, by the name of its wheel: `nvidia-cudnn-cu12` → `9.28.0.42`. */
export const NVIDIA_VERSIONS: Readonly<Record<string, string>> = Object.fromEntries(
  NVIDIA_WHEELS.map(({ project, version }) => [project, version]),
);

/** Tells one set of pins from another in the name of a cache entry: what was filled with others is not gone on with. */
export const NVIDIA_PINS: string = createHash('sha256')
  .update(NVIDIA_WHEELS.map(({ sha256 }) => sha256).join())
  .digest('hex')
  .slice(0, 8);
