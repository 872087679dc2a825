import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProblemError, UnexpectedAnswerError, UnreachableError } from './api-errors.js';
import { SkiplaneClient } from './skiplane-client.js';
import { fakeCoordinator, hangUp, json, problem, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { sampleRun } from '../testing/sample-run.js';

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const run = sampleRun();
const preparing = {
  id: 's1',
  kind: 'run',
  name: 'x',
  state: 'preparing',
  message: 'looking at the data set: 412,000 images',
  submittedAt: 1,
  location: null,
  problem: null,
};
const clientOf = (apiKey?: string): SkiplaneClient =>
  new SkiplaneClient({ url: `${server.url}/`, apiKey, retryDelayMs: 1, timeoutMs: 2_000 });

describe('SkiplaneClient', () => {
  it('sends the key and parses the run', async () => {
    let authorization: string | undefined;
    server.on('GET /v1/runs/a1b2c3d4', (request, response, body) => {
      ({ authorization } = request.headers);
      json(run)(request, response, body);
    });
    expect(await clientOf('secret').run('a1b2c3d4')).toEqual(run);
    expect(authorization).toBe('Bearer secret');
  });

  it('keeps a path in front, as a proxy has it', async () => {
    server.on('GET /skiplane/v1/runs/a1b2c3d4', json(run));
    expect(await new SkiplaneClient({ url: `${server.url}/skiplane/` }).run('a1b2c3d4')).toEqual(run);
  });

  it('asks again when a GET meets a coordinator that is just starting', async () => {
    server.on('GET /v1/runs/a1b2c3d4', problem(503, 'Starting'), hangUp, json(run));
    expect(await clientOf().run('a1b2c3d4')).toEqual(run);
    expect(server.asked).toHaveLength(3);
  });

  it('repeats a submission under the same key', async () => {
    const keys: unknown[] = [];
    server.on(
      'POST /v1/runs',
      (request) => {
        keys.push(request.headers['idempotency-key']);
        request.socket.destroy();
      },
      (request, response, body) => {
        keys.push(request.headers['idempotency-key']);
        expect(JSON.parse(body)).toEqual(run.spec);
        json(run, 201)(request, response, body);
      },
    );
    await clientOf().submit(run.spec, 'key-1');
    expect(keys).toEqual(['key-1', 'key-1']);
  });

  it('asks for a submission that takes long until it is a run, and says what is done', async () => {
    server.on('POST /v1/runs', json(preparing, 202));
    const accepted = { ...preparing, state: 'accepted', location: `/v1/runs/${run.id}` };
    server.on('GET /v1/submissions/s1', json(preparing), problem(503, 'Restarting'), hangUp, json(accepted));
    server.on(`GET /v1/runs/${run.id}`, json(run));
    const said: string[] = [];
    expect(await clientOf().submit(run.spec, 'key', { onProgress: (message) => said.push(message) })).toEqual(run);
    expect(said).toContain('looking at the data set: 412,000 images');
  });

  it('throws why a submission that took long was refused, with every fault', async () => {
    const errors = [{ path: 'dataset', message: 'empty' }];
    const why = { type: 'about:blank', title: 'Refused', status: 422, errors };
    server.on('POST /v1/runs', json(preparing, 202));
    server.on('GET /v1/submissions/s1', json({ ...preparing, state: 'refused', problem: why }));
    const error: unknown = await clientOf()
      .submit(run.spec, 'key')
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ problem: { status: 422, errors } });
  });

  it('submits again under its key to a coordinator that has begun anew, or that did not answer', async () => {
    const silent = (): void => undefined;
    server.on('POST /v1/runs', silent, json(preparing, 202), hangUp, hangUp, hangUp, hangUp, json(run));
    server.on('GET /v1/submissions/s1', problem(404, 'Not found'));
    const client = new SkiplaneClient({ url: server.url, retryDelayMs: 1, timeoutMs: 300 });
    expect(await client.submit(run.spec, 'key')).toEqual(run);
    expect(server.asked.filter((asked) => asked === 'POST /v1/runs')).toHaveLength(7);
  });

  it('does not repeat an order', async () => {
    server.on('POST /v1/runs/a1b2c3d4/pause', problem(503, 'Starting'));
    await expect(clientOf().steer('a1b2c3d4', 'pause')).rejects.toBeInstanceOf(ProblemError);
    expect(server.asked).toHaveLength(1);
  });

  it('hands over the problem with all its faults', async () => {
    const errors = [
      { path: 'lanes', message: 'too few' },
      { path: 'epochs', message: 'missing' },
    ];
    server.on('POST /v1/runs', problem(422, 'Refused', errors));
    const error: unknown = await clientOf()
      .submit(run.spec, 'key')
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ problem: { status: 422, title: 'Refused', errors } });
  });

  it('copes with an error that is no problem document', async () => {
    server.on('GET /v1/workers', (_request, response) => void response.writeHead(403).end('<html>no</html>'));
    await expect(clientOf().workers()).rejects.toMatchObject({ problem: { status: 403, title: 'Forbidden' } });
  });

  it('says that nobody answers and how to start a coordinator', async () => {
    const url = server.url;
    await server[Symbol.asyncDispose]();
    const client = new SkiplaneClient({ url, retryDelayMs: 1 });
    await expect(client.workers()).rejects.toThrow(`no coordinator answers at ${url}: start it with npm start`);
    await expect(client.workers()).rejects.toBeInstanceOf(UnreachableError);
  });

  it('gives up on an answer that does not come', async () => {
    server.on('POST /v1/runs/a1b2c3d4/cancel', () => undefined);
    const client = new SkiplaneClient({ url: server.url, timeoutMs: 50 });
    await expect(client.steer('a1b2c3d4', 'cancel')).rejects.toThrow('within 0.05 s');
  });

  it.each([{ hello: 'world' }, { ...run, id: 7 }])('refuses an answer of another service: %#', async (content) => {
    server.on('GET /v1/runs/a1b2c3d4', json(content));
    await expect(clientOf().run('a1b2c3d4')).rejects.toBeInstanceOf(UnexpectedAnswerError);
  });
});
