import { describe, expect, it } from '@jest/globals';
import { parseSampleAddress, withSampleAddress } from './sample-address.js';

describe('the address of samples', () => {
  it('is read back as it was written, and leaves the rest of the query alone', () => {
    const address = { split: 'val', label: 0, page: 3, view: 'augmented', draw: 7 } as const;
    const search = withSampleAddress(new URLSearchParams('classes=shark'), address);
    expect(search.toString()).toBe('classes=shark&split=val&class=0&page=3&view=augmented&draw=7');
    expect(parseSampleAddress(search)).toEqual(address);
  });

  it('is short where it is the default, and the default where it is nonsense', () => {
    const none = { split: 'train', label: null, page: 0, view: 'stored', draw: 0 } as const;
    expect(parseSampleAddress(new URLSearchParams('split=x&class=-1&page=1e9&view=no&draw='))).toEqual(none);
    expect(withSampleAddress(new URLSearchParams('page=2&class=4'), none).toString()).toBe('');
  });
});
