import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { z } from 'zod';
import { plainHost, reachableAt } from './host-address.js';
import { parseEnvironment } from './parse-environment.js';
import { addressFaults, variables } from './variables.js';

const schema = z.object({
  HOST: variables.HOST.default('127.0.0.1'),
  PORT: variables.PORT.default(3000),
  LOG_LEVEL: variables.LOG_LEVEL.default('info'),
  SKIPLANE_ENGINES: variables.SKIPLANE_ENGINES.optional(),
});

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
});
