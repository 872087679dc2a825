/** The part of WebAssembly used here: the compiler has its types only together with the DOM's. */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
    /** By so many pages of 64 KiB; the buffer is another one from then on. */
    grow(pages: number): number;
  }
  const Module: new (bytes: Uint8Array) => object;
  class Instance<Exports extends object> {
    constructor(module: object, imports?: { readonly a: { readonly m: Memory } });
    readonly exports: Exports;
  }
}
