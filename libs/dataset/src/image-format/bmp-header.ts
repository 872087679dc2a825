import { bmpLineBytes, readBmpLayout } from './bmp-layout.js';
import type { HeaderParser } from './range-parser.js';

/** Reads the header of a BMP and what its pixels need of the file. */
export function* parseBmpHeader(): HeaderParser {
  const layout = yield* readBmpLayout();
  if (typeof layout === 'string') return { kind: 'fault', reason: `damaged or unsupported BMP: ${layout}` };
  const { width, height, bits, coding, pixels } = layout;
  const lastLine = Math.ceil((width * bits) / 8);
  const bytes = pixels + (coding === 'plain' ? bmpLineBytes(layout) * (height - 1) + lastLine : 2);
  return {
    kind: 'header',
    header: {
      format: 'bmp',
      width,
      height,
      numComponents: layout.hasAlpha ? 4 : 3,
      isCmyk: false,
      end: { kind: 'size', bytes },
      orientation: 1,
      hasProfile: layout.hasProfile,
    },
  };
}
