/** The part of WebAssembly used here: the compiler has its types only together with the DOM's. */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  const Module: new (bytes: Uint8Array) => object;
  class Instance<Exports extends object> {
    constructor(module: object, imports: { readonly a: { readonly m: Memory } });
    readonly exports: Exports;
  }
}
