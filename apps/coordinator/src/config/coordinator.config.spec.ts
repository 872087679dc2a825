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

describe('the proxies in front', () => {
  const withKey = { SKIPLANE_API_KEY: 'a long enough key' };

  it('are none, under no prefix, unless they are named', () => {
    expect(readConfig({})).toMatchObject({ trustedProxies: [], basePath: '' });
    const named = {
      ...withKey,
      SKIPLANE_TRUSTED_PROXIES: 'loopback, 10.1.0.0/16,192.0.2.1,fd00::/8,::1',
      SKIPLANE_BASE_PATH: '/lab/skiplane/',
    };
    expect(readConfig(named)).toMatchObject({
      trustedProxies: ['loopback', '10.1.0.0/16', '192.0.2.1', 'fd00::/8', '::1'],
      basePath: '/lab/skiplane',
    });
  });

  it('are refused one by one where they are none', () => {
    const read = (): unknown =>
      readConfig({
        ...withKey,
        SKIPLANE_TRUSTED_PROXIES: 'nginx,0.0.0.0/0,10.0.0.1/33,',
        SKIPLANE_BASE_PATH: 'skiplane',
      });
    expect(read).toThrow(/"nginx" is no address, network .*or one of loopback/);
    expect(read).toThrow(/0\.0\.0\.0\/0 would believe everyone.*"10\.0\.0\.1\/33" is no.*"" is no/);
    expect(read).toThrow(/SKIPLANE_BASE_PATH must be a path such as \/skiplane/);
    expect(() => readConfig({ SKIPLANE_BASE_PATH: '/v1/x' })).toThrow(/must not begin with one of the own paths/);
  });

  it('need a key', () => {
    const read = (): unknown => readConfig({ SKIPLANE_TRUSTED_PROXIES: 'loopback' });
    expect(read).toThrow(/SKIPLANE_TRUSTED_PROXIES .* so SKIPLANE_API_KEY must be set too/);
  });
});
