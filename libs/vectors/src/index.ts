export { freeMemory } from './free-memory.js';
export { roundToBfloat16, packBfloat16, unpackBfloat16, addRounded, addBfloat16 } from './bfloat16.js';
export { addInto } from './add-into.js';
export { allFinite } from './all-finite.js';
export { vectorDigest } from './vector-digest.js';
export { compiledKernels } from './compiled-kernels.js';
