import { describe, expect, it } from '@jest/globals';
import { readConfig } from './coordinator.config.js';

describe('the address the coordinator can be reached at', () => {
  it('needs no key on loopback', () => {
    expect(readConfig({}).host).toBe('127.0.0.1');
    expect(readConfig({ HOST: '::1' }).apiKey).toBeUndefined();
  });

  it('needs a key beyond this machine', () => {
    expect(() => readConfig({ HOST: '0.0.0.0' })).toThrow(/HOST listens beyond this machine, so SKIPLANE_API_KEY/);
    expect(() => readConfig({ HOST: '0.0.0.0', SKIPLANE_API_KEY: '' })).toThrow(/SKIPLANE_API_KEY/);
    expect(readConfig({ HOST: '0.0.0.0', SKIPLANE_API_KEY: 'a long enough key' }).host).toBe('0.0.0.0');
  });

  it('is that on which a container publishes it, whatever the container listens on', () => {
    const inContainer = { HOST: '0.0.0.0', SKIPLANE_PUBLISHED_HOST: '127.0.0.1' };
    expect(readConfig(inContainer).host).toBe('0.0.0.0');
    const published = { ...inContainer, SKIPLANE_PUBLISHED_HOST: '192.0.2.1' };
    expect(() => readConfig(published)).toThrow(/SKIPLANE_PUBLISHED_HOST is published beyond this machine/);
    expect(readConfig({ ...published, SKIPLANE_API_KEY: 'a long enough key' }).apiKey).toBe('a long enough key');
  });
});
