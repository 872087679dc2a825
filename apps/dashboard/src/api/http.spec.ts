import { describe, expect, it } from '@jest/globals';
import { ApiError } from './http.js';

describe('an answer that is a refusal', () => {
  it('is shown in the words of the coordinator, and where it has none a body too large is laid to a proxy', () => {
    const problem = { type: 'about:blank', title: 'Payload Too Large', status: 413, detail: 'more than 16 MiB' };
    expect(new ApiError(413, problem).message).toBe('more than 16 MiB');
    expect(new ApiError(413, null).message).toContain('A proxy in front');
    expect(new ApiError(418, null).message).toContain('418');
  });
});
