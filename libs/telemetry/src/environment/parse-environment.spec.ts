import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { z } from 'zod';
import { plainHost, reachableAt } from './host-address.js';
import { parseEnvironment, type Environment } from './parse-environment.js';
import { addressFaults, deviceFaults, variables } from './variables.js';

const schema = z.object({
  HOST: variables.HOST.default('127.0.0.1'),
  PORT: variables.PORT.default(3000),
  LOG_LEVEL: variables.LOG_LEVEL.default('info'),
  SKIPLANE_ENGINES: variables.SKIPLANE_ENGINES.optional(),
});
const devices = z.object({ SKIPLANE_DEVICES: variables.SKIPLANE_DEVICES.optional() });

describe('parseEnvironment', () => {
  it('takes an empty variable for one that is not set', () => {
    const empty = { PORT: '', LOG_LEVEL: '', SKIPLANE_ENGINES: ' ', HOST: undefined };
    expect(parseEnvironment(schema, empty)).toEqual({ HOST: '127.0.0.1', PORT: 3000, LOG_LEVEL: 'info' });
    expect(parseEnvironment(schema, { PORT: '0', LOG_LEVEL: 'fatal' })).toMatchObject({ PORT: 0, LOG_LEVEL: 'fatal' });
  });

  it('names every fault at once, those of variables together as well, with what was expected', () => {
    const environment = { HOST: '0.0.0.0', PORT: '0x50', LOG_LEVEL: 'loud', SKIPLANE_ENGINES: '0' };
    const read = (): unknown => parseEnvironment(schema, environment, addressFaults);
    expect(read).toThrow(RefusedInputError);
    expect(read).toThrow(
      'PORT must be a whole number from 0 to 65,535; ' +
        'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; ' +
        'SKIPLANE_ENGINES must be a whole number from 1 to 256; ' +
        'HOST listens beyond this machine, so SKIPLANE_API_KEY must be set too',
    );
  });

  it('does not repeat what was given, which may be a secret', () => {
    const read = (): unknown =>
      parseEnvironment(z.object({ REDIS_URL: variables.REDIS_URL }), { REDIS_URL: 'http://:pw@h' });
    expect(read).toThrow('REDIS_URL must be a redis:// or rediss:// address');
    expect(read).not.toThrow(/pw/);
  });
});

describe('a host', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', '127.0.0.1:1'],
    ['0.0.0.0', '0.0.0.0', '127.0.0.1:1'],
    ['::', '::', 'localhost:1'],
    ['[::]', '::', 'localhost:1'],
    ['::1', '::1', '[::1]:1'],
    ['[0:0:0:0:0:0:0:1]', '::1', '[::1]:1'],
    ['2001:DB8::0:5', '2001:db8::5', '[2001:db8::5]:1'],
    ['Machine.example', 'machine.example', 'machine.example:1'],
  ])('%s is listened on as %s and reached at %s', (given, plain, reached) => {
    expect(plainHost(given)).toBe(plain);
    expect(reachableAt(plain, 1)).toBe(reached);
  });

  it('takes a set of devices, and says which devices are meant in one way at a time', () => {
    const read = (environment: Environment) => parseEnvironment(devices, environment, deviceFaults);
    expect(read({ SKIPLANE_DEVICES: '0, 2:1,GPU-a1' })).toEqual({ SKIPLANE_DEVICES: ['0', '2:1', 'GPU-a1'] });
    expect(read({ SKIPLANE_DEVICES: 'all', SKIPLANE_DEVICE: 'auto' })).toEqual({ SKIPLANE_DEVICES: 'all' });
    expect(() => read({ SKIPLANE_DEVICES: '0,1,0' })).toThrow('SKIPLANE_DEVICES names a device twice');
    expect(() => read({ SKIPLANE_DEVICES: '0,best' })).toThrow('must be all, or indices and UUIDs');
    expect(() => read({ SKIPLANE_DEVICES: '0,1', SKIPLANE_DEVICE: 'cpu' })).toThrow(
      'SKIPLANE_DEVICE=cpu names another',
    );
  });
});
