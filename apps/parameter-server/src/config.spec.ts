import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { readConfig } from './config.js';

describe('parameter server config', () => {
  it('listens on loopback without a token by default', () => {
    expect(readConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 7070,
      SKIPLANE_TOKEN: '',
      SKIPLANE_MEMORY_LIMIT_MIB: 4_096,
    });
  });

  it('names every fault at once', () => {
    const read = (): unknown => readConfig({ PORT: '70700', LOG_LEVEL: 'loud', SKIPLANE_PATIENCE_MS: '1' });
    expect(read).toThrow(RefusedInputError);
    expect(read).toThrow(/PORT.*SKIPLANE_PATIENCE_MS.*LOG_LEVEL/);
  });
});
