export { freeMemory } from './free-memory.js';
export { LentMemory } from './lent-memory.js';
export { roundToBfloat16, packBfloat16, unpackBfloat16, addRounded, addBfloat16 } from './bfloat16.js';
export { addInto } from './add-into.js';
export { allFinite } from './all-finite.js';
export { addVectors } from './add-vectors.js';
export { vectorDigest, digestNow } from './vector-digest.js';
export { columnWeights, DIGEST_ROW, DIGEST_SHIFT, digestOfSum, lengthTerm, rowWeights } from './digest-weights.js';
export { compiledKernels } from './compiled-kernels.js';
