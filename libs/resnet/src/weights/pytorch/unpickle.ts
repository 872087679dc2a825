import { RefusedInputError } from '#contracts';
import { ByteCursor } from './byte-cursor.js';
import { kindOfGlobals, opaqueGlobal, PICKLE_GLOBALS } from './pickle-globals.js';
import { OpaqueObject, PickledGlobal, PickledList, type PickleValue } from './pickle-values.js';
import { storageOf } from './rebuilt-tensor.js';

/** ResNet-1202 with Adam's two moments has some 25,000 tensors of 40 operations each. */
const MAX_OPERATIONS = 2_000_000;
/** Dictionaries, lists and objects; six for a tensor. */
const MAX_CONTAINERS = 500_000;
/** Names of refused globals that a message holds. */
const NUM_NAMED = 3;

/**
 * Reads a pickle of protocol 2 to 5 as data: tensors as references to their storages, dictionaries as Maps, everything else
 * of the whitelist as opaque objects. Runs nothing. Throws RefusedInputError that names every global outside of the
 * whitelist, and on anything damaged or larger than weights are.
 */
export function unpickle(bytes: Uint8Array): PickleValue {
  return new PickleMachine(bytes).run();
}

class PickleMachine {
  readonly #cursor: ByteCursor;
  readonly #stack: PickleValue[] = [];
  /** Where on the stack each open mark lies. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #refused = new Set<string>();
  #numContainers = 0;

  constructor(bytes: Uint8Array) {
    this.#cursor = new ByteCursor(bytes);
  }

  run(): PickleValue {
    let value: PickleValue;
    try {
      value = this.#operations();
    } catch (error) {
      // What stands for a refused object is not what others expect of it: its name says more.
      this.#refuseGlobals(error);
      throw error;
    }
    this.#refuseGlobals();
    return value;
  }

  #operations(): PickleValue {
    for (let operation = 0; operation < MAX_OPERATIONS; operation += 1) {
      const opcode = String.fromCharCode(this.#cursor.byte());
      if (opcode === '.') return this.#pop();
      if (!this.#constant(opcode) && !this.#memory(opcode) && !this.#container(opcode)) this.#object(opcode);
    }
    throw damaged(`over ${MAX_OPERATIONS} operations`);
  }

  #refuseGlobals(cause?: unknown): void {
    if (this.#refused.size === 0) return;
    const names = [...this.#refused];
    const named = names.slice(0, NUM_NAMED).join(', ');
    const more = names.length > NUM_NAMED ? ` and ${names.length - NUM_NAMED} more` : '';
    const kind = kindOfGlobals(names);
    throw new RefusedInputError(
      `${kind === undefined ? 'holds' : `${kind}:`} ${named}${more}: only tensors and plain containers are read, and nothing ` +
        'was run; in Python, save the weights alone: torch.save(model.state_dict(), "weights.pth")',
      names.map((path) => ({ path, message: 'is no tensor and no plain container' })),
      { cause },
    );
  }

  /** Numbers and texts. */
  #constant(opcode: string): boolean {
    const cursor = this.#cursor;
    switch (opcode) {
      case 'N':
        return this.#push(null);
      case '\x88':
      case '\x89':
        return this.#push(opcode === '\x88');
      case 'J':
        return this.#push(cursor.int32());
      case 'K':
        return this.#push(cursor.byte());
      case 'M':
        return this.#push(cursor.uint16());
      case '\x8a':
        return this.#push(cursor.integer(cursor.byte()));
      case 'G':
        return this.#push(cursor.float64());
      case 'X':
        return this.#push(cursor.text(cursor.uint32(), 'utf-8'));
      case '\x8c':
        return this.#push(cursor.text(cursor.byte(), 'utf-8'));
      case '\x8d':
        return this.#push(cursor.text(cursor.uint64(), 'utf-8'));
      // Texts of Python 2.
      case 'U':
        return this.#push(cursor.text(cursor.byte(), 'latin1'));
      case 'T':
        return this.#push(cursor.text(cursor.uint32(), 'latin1'));
      // Bytes, which no weights are.
      case 'C':
        return this.#skipBytes(cursor.byte());
      case 'B':
        return this.#skipBytes(cursor.uint32());
      case '\x8e':
      case '\x96':
        return this.#skipBytes(cursor.uint64());
      default:
        return false;
    }
  }

  /** Protocol, frames, marks, the stack and the memo. */
  #memory(opcode: string): boolean {
    const cursor = this.#cursor;
    switch (opcode) {
      case '\x80':
        cursor.byte();
        return true;
      case '\x95':
        cursor.bytes(8);
        return true;
      case '(':
        this.#marks.push(this.#stack.length);
        return true;
      case '0':
        this.#pop();
        return true;
      case '1':
        this.#popMark();
        return true;
      case '2':
        return this.#push(this.#top());
      case 'q':
      case 'r':
        this.#memo.set(opcode === 'q' ? cursor.byte() : cursor.uint32(), this.#top());
        return true;
      case '\x94':
        this.#memo.set(this.#memo.size, this.#top());
        return true;
      case 'h':
      case 'j': {
        const value = this.#memo.get(opcode === 'h' ? cursor.byte() : cursor.uint32());
        if (value === undefined) throw damaged('a reference to a value that is not there');
        return this.#push(value);
      }
      default:
        return false;
    }
  }

  #container(opcode: string): boolean {
    switch (opcode) {
      case ')':
        return this.#push([]);
      case '\x85':
      case '\x86':
      case '\x87':
        return this.#push(this.#popSome(opcode.charCodeAt(0) - 0x84));
      case 't':
        return this.#push(this.#popMark());
      case ']':
        return this.#pushContainer(new PickledList());
      case 'a':
        return this.#append(this.#popSome(1));
      case 'e':
        return this.#append(this.#popMark());
      case '}':
        return this.#pushContainer(new Map());
      case 's':
        return this.#setItems(this.#popSome(2));
      case 'u':
        return this.#setItems(this.#popMark());
      case '\x8f':
        return this.#pushContainer(new OpaqueObject('builtins.set'));
      case '\x90':
        this.#popMark();
        return true;
      case '\x91':
        this.#popMark();
        return this.#pushContainer(new OpaqueObject('builtins.frozenset'));
      default:
        return false;
    }
  }

  /** Globals, calls and storages: what a pickle could do harm with, were it run. */
  #object(opcode: string): boolean {
    switch (opcode) {
      case 'c': {
        const module = this.#cursor.line();
        return this.#pushGlobal(`${module}.${this.#cursor.line()}`);
      }
      case '\x93': {
        const [module, name] = this.#popSome(2);
        if (typeof module !== 'string' || typeof name !== 'string') throw damaged('a global without a name');
        return this.#pushGlobal(`${module}.${name}`);
      }
      // The class, the arguments and, of NEWOBJ_EX, those with names, which only opaque objects have.
      case 'R':
      case '\x81':
        return this.#call(this.#popSome(2));
      case '\x92':
        return this.#call(this.#popSome(3));
      case 'b': {
        // The state of an object: that of a dictionary are attributes, such as a state dict's _metadata.
        this.#pop();
        const built = this.#top();
        if (built instanceof OpaqueObject || built instanceof Map) return true;
        throw damaged('a state of what has none');
      }
      case 'Q':
        return this.#push(storageOf(this.#pop()));
      default:
        throw damaged(`an operation that no weights need, 0x${opcode.charCodeAt(0).toString(16)}`);
    }
  }

  #call([callee, args]: readonly PickleValue[]): boolean {
    if (!(callee instanceof PickledGlobal) || !Array.isArray(args)) throw damaged('a call of what is no function');
    return this.#pushContainer(callee.call(args));
  }

  /** Refused at the end, with all others. */
  #pushGlobal(name: string): boolean {
    const known = PICKLE_GLOBALS.get(name);
    if (known === undefined) this.#refused.add(name);
    return this.#push(known ?? opaqueGlobal(name));
  }

  #append(items: readonly PickleValue[]): boolean {
    const list = this.#top();
    if (list instanceof PickledList) for (const item of items) list.items.push(item);
    else if (!(list instanceof OpaqueObject)) throw damaged('items of what is no list');
    return true;
  }

  #setItems(items: readonly PickleValue[]): boolean {
    const target = this.#top();
    if (items.length % 2 !== 0) throw damaged('a key without a value');
    if (target instanceof Map) {
      for (let at = 0; at < items.length; at += 2) target.set(items[at] ?? null, items[at + 1] ?? null);
    } else if (!(target instanceof OpaqueObject)) throw damaged('entries of what is no dictionary');
    return true;
  }

  #skipBytes(length: number): boolean {
    this.#cursor.bytes(length);
    return this.#push(new OpaqueObject('builtins.bytes'));
  }

  #pushContainer(value: PickleValue): boolean {
    this.#numContainers += 1;
    if (this.#numContainers > MAX_CONTAINERS) throw damaged(`over ${MAX_CONTAINERS} containers`);
    return this.#push(value);
  }

  #push(value: PickleValue): true {
    this.#stack.push(value);
    return true;
  }

  #top(): PickleValue {
    const [value] = this.#stack.slice(-1);
    if (value === undefined) throw damaged('a value is missing');
    return value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || this.#stack.length < (this.#marks.at(-1) ?? 0)) throw damaged('a value is missing');
    return value;
  }

  #popSome(count: number): PickleValue[] {
    const from = this.#stack.length - count;
    if (from < (this.#marks.at(-1) ?? 0)) throw damaged('a value is missing');
    return this.#stack.splice(from);
  }

  #popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw damaged('a mark is missing');
    return this.#stack.splice(mark);
  }
}

const damaged = (what: string): RefusedInputError => new RefusedInputError(`a damaged pickle: ${what}`);
