/** Ink as bytes of cyan, magenta, yellow and black to light, as TensorFlow's DecodeJpeg does it: rounded down. */
export function rgbOfCmyk(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const white = 255 - (inks[from + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[to + channel] = Math.floor((white * (255 - (inks[from + channel] ?? 0))) / 255);
    }
  }
  return pixels;
}
