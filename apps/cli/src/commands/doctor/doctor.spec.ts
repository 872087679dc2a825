import { describe, expect, it } from '@jest/globals';
import { instructionFindings } from './check-cpu.js';
import { checkNode } from './check-node.js';
import { checkRedis, redisFindings } from './check-redis.js';
import { spaceFinding } from './check-space.js';

const statuses = (findings: readonly { status: string }[]): string[] => findings.map(({ status }) => status);

describe('doctor', () => {
  it('fails a Node that is too old and warns of one that nobody tried', () => {
    expect(checkNode('20.18.3')).toMatchObject({ status: 'fail', advice: expect.stringContaining('20.19') });
    expect(checkNode('20.19.0').status).toBe('ok');
    expect(checkNode('25.0.0').status).toBe('warn');
  });

  it('says that bf16 is slow where the processor lacks it', () => {
    const full = 'flags : fpu avx2 avx512f avx512bw avx512vl avx512dq avx512_bf16 amx_bf16';
    expect(instructionFindings(full)).toEqual([
      { subject: 'Instructions', status: 'ok', detail: 'avx2 avx512f avx512_bf16 amx_bf16' },
      { subject: 'bf16', status: 'ok', detail: 'in hardware (AMX)' },
    ]);
    const plain = instructionFindings('processor : 0\nflags : fpu avx2\n');
    expect(plain[1]).toMatchObject({ status: 'warn', advice: expect.stringContaining('fp32') });
    expect(statuses(instructionFindings('flags : fpu'))).toEqual(['warn', 'warn']);
    expect(statuses(instructionFindings('Features : fp asimd'))).toEqual(['ok', 'warn']);
    expect(instructionFindings('')).toEqual([]);
  });

  it('says what a cap on the instructions takes away from a worker', () => {
    const full = 'flags : fpu avx2 avx512f avx512bw avx512vl avx512dq avx512_bf16 amx_bf16';
    expect(instructionFindings(full, { maxIsa: 'AVX512_CORE_BF16' })[1]).toMatchObject({
      status: 'ok',
      detail: 'in hardware (AVX-512), capped by ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16',
    });
    expect(instructionFindings(full, { maxIsa: 'AVX512_CORE' })[1]).toMatchObject({
      status: 'warn',
      detail: 'neither AMX nor AVX512_BF16, capped by ONEDNN_MAX_CPU_ISA=AVX512_CORE',
    });
    expect(instructionFindings(full, { maxIsa: 'AVX2' })[1]).toMatchObject({
      status: 'warn',
      detail: 'oneDNN has no bf16 convolutions, capped by ONEDNN_MAX_CPU_ISA=AVX2',
      advice: expect.stringContaining('workers refuse bf16'),
    });
  });

  it('judges the settings of Redis and says what to set', () => {
    const good = { version: '7.0.15', appendOnly: true, maxMemoryPolicy: 'noeviction' };
    expect(statuses(redisFindings(good, 'here'))).toEqual(['ok']);
    expect(redisFindings({ ...good, maxMemoryPolicy: 'allkeys-lru' }, 'here')[1]).toMatchObject({
      status: 'fail',
      advice: expect.stringContaining('maxmemory-policy noeviction'),
    });
    expect(redisFindings({ ...good, appendOnly: false }, 'here')[1]).toMatchObject({ status: 'warn' });
    expect(statuses(redisFindings({ ...good, version: '5.0.7' }, 'here'))).toEqual(['fail']);
    expect(statuses(redisFindings({ version: '7.2.0', appendOnly: null, maxMemoryPolicy: null }, 'here'))).toEqual([
      'ok',
      'warn',
    ]);
  });

  it('fails a Redis that does not answer, without showing its password', async () => {
    const [finding] = await checkRedis('redis://user:secret@127.0.0.1:1', '/nowhere');
    expect(finding).toMatchObject({ status: 'fail', detail: expect.stringContaining('nothing listens there') });
    expect(JSON.stringify(finding)).not.toContain('secret');
  });

  it('warns when space is short and when it cannot be seen', () => {
    const space = { subject: 'Disk', what: 'free', least: 2 ** 31 };
    expect(spaceFinding({ ...space, bytes: 2 ** 30 }, 'make room')).toMatchObject({
      status: 'warn',
      advice: 'make room',
    });
    expect(spaceFinding({ ...space, bytes: 2 ** 32 }, 'make room')).toEqual({
      subject: 'Disk',
      status: 'ok',
      detail: '4.0 GiB free',
    });
    expect(spaceFinding({ ...space, bytes: undefined }, 'make room').status).toBe('warn');
  });
});
