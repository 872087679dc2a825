/** Extensions of members that are images; what they are is told by their content. */
const IMAGE_EXTENSIONS = new Set([
  'jpg',
  'jpeg',
  'png',
  'webp',
  'gif',
  'bmp',
  'tif',
  'tiff',
  'avif',
  'jfif',
  'image',
  'img',
]);

/** Whether a member of a shard with this extension is an image. */
export function isImageName(extension: string): boolean {
  return IMAGE_EXTENSIONS.has(extension);
}
