export { pillowImages, refusedImages, type PillowImage, type RefusedImage } from './pillow-images.js';
