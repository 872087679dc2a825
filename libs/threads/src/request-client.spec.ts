import { describe, expect, it } from '@jest/globals';
import { NotFiniteError, RefusedInputError } from '#contracts';
import type { RequestService } from './request-server.js';
import { ThreadEndedError } from './request-thread.js';
import { RequestsInProcess } from './testing/index.js';

interface Ask {
  readonly kind: 'ask';
  readonly what: string;
  readonly rank?: number;
}
interface Answers {
  readonly ask: string;
}

/** Answers in capitals when it is told to go on; the answered are listed. */
class Gate implements RequestService<Ask, string> {
  readonly begun: string[] = [];
  readonly #goOn: (() => void)[] = [];
  readonly order?: (request: Ask) => number;

  constructor(order?: (request: Ask) => number) {
    if (order) this.order = order;
  }

  async answer({ what }: Ask, signal: AbortSignal): Promise<string> {
    this.begun.push(what);
    await new Promise<void>((resolve) => this.#goOn.push(resolve));
    return signal.aborted ? 'unwanted' : what.toUpperCase();
  }

  async open(): Promise<void> {
    this.#goOn.shift()?.();
    await new Promise(setImmediate);
  }
}

const asking = (service: RequestService<Ask, string>): RequestsInProcess<Ask, Answers> =>
  new RequestsInProcess<Ask, Answers>(service);

describe('requests', () => {
  it('are answered one after the other, in the order they came', async () => {
    const gate = new Gate();
    const requests = asking(gate);
    const answers = ['a', 'b'].map((what) => requests.request({ kind: 'ask', what }));
    await new Promise(setImmediate);
    expect([gate.begun, requests.load]).toEqual([['a'], 2]);
    await gate.open();
    expect(gate.begun).toEqual(['a', 'b']);
    await gate.open();
    expect((await Promise.all(answers)).map(({ value }) => value)).toEqual(['A', 'B']);
    expect(requests.load).toBe(0);
  });

  it('are answered in the order of the service where it has one', async () => {
    const gate = new Gate(({ rank = 0 }) => rank);
    const requests = asking(gate);
    const all = [9, 7, 8, 7].map((rank, at) => requests.request({ kind: 'ask', what: `${rank}.${at}`, rank }));
    for (const _ of all) {
      await new Promise(setImmediate);
      await gate.open();
    }
    await Promise.all(all);
    expect(gate.begun).toEqual(['9.0', '7.1', '7.3', '8.2']);
  });

  it('that nobody wants any more are not begun, or told so, and not answered', async () => {
    const gate = new Gate();
    const requests = asking(gate);
    const [first, second] = [new AbortController(), new AbortController()];
    const one = requests.request({ kind: 'ask', what: 'a' }, { signal: first.signal });
    const two = requests.request({ kind: 'ask', what: 'b' }, { signal: second.signal });
    const three = requests.request({ kind: 'ask', what: 'c' });
    await new Promise(setImmediate);
    first.abort(new Error('enough'));
    second.abort(new Error('enough'));
    await expect(one).rejects.toThrow('enough');
    await expect(two).rejects.toThrow('enough');
    await gate.open();
    await gate.open();
    expect((await three).value).toBe('C');
    expect(gate.begun).toEqual(['a', 'c']);
  });

  it('reject with the error that was thrown, which keeps its class', async () => {
    const thrown = [new RefusedInputError('no', [{ path: 'a', message: 'b' }]), new NotFiniteError('NaN')];
    const requests = asking({
      answer: () => {
        throw thrown.shift() ?? new Error('none left');
      },
    });
    const refused = await requests.request({ kind: 'ask', what: '' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedInputError);
    expect(refused).toMatchObject({ faults: [{ path: 'a', message: 'b' }] });
    await expect(requests.request({ kind: 'ask', what: '' })).rejects.toBeInstanceOf(NotFiniteError);
  });

  it('reject when who answers ends, now and later', async () => {
    const requests = asking(new Gate());
    const waiting = requests.request({ kind: 'ask', what: 'a' });
    await requests.close();
    await expect(waiting).rejects.toBeInstanceOf(ThreadEndedError);
    await expect(requests.request({ kind: 'ask', what: 'b' })).rejects.toBeInstanceOf(ThreadEndedError);
  });
});
