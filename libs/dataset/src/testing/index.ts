export { pillowImages, refusedImages } from './pillow-images.js';
