export { addOneBfloat16, bitsOfFloat, roundToBfloat16 } from './bfloat16-reference.js';
