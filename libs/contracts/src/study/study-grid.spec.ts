import { describe, expect, it } from '@jest/globals';
import { checkCombinations, studyCombinations, studyTrials } from './study-grid.js';
import { studySpecSchema, type StudySpec, type StudySpecInput } from './study.schema.js';

const BASE = {
  model: { architecture: '{network}{depth}', numClasses: 10 },
  dataset: { kind: 'image-folder', path: 'shapes' },
  epochs: 2,
};

function study(changes: Partial<StudySpecInput> = {}): StudySpec {
  return studySpecSchema.parse({
    name: 'depth',
    base: BASE,
    axes: [
      { name: 'network', values: ['plain', 'resnet'] },
      { name: 'depth', values: [20, 56] },
    ],
    ...changes,
  });
}

function faultsOf(changes: Partial<StudySpecInput>): string[] {
  const parsed = studySpecSchema.safeParse({ ...study(), ...changes });
  return (parsed.error?.issues ?? []).map(({ path }) => path.join('.'));
}

describe('studyTrials', () => {
  it('makes every combination with every seed, the last axis first, and names the runs', () => {
    expect(studyTrials(study({ seeds: [1, 2] })).map(({ spec }) => [spec['name'], spec['seed']])).toEqual([
      ['depth plain 20 s1', 1],
      ['depth plain 20 s2', 2],
      ['depth plain 56 s1', 1],
      ['depth plain 56 s2', 2],
      ['depth resnet 20 s1', 1],
      ['depth resnet 20 s2', 2],
      ['depth resnet 56 s1', 1],
      ['depth resnet 56 s2', 2],
    ]);
  });

  it('leaves out what is excluded', () => {
    const combinations = studyCombinations(study({ exclude: [{ network: 'plain', depth: 56 }] }));
    expect(combinations.map(({ labels }) => labels.join(' '))).toEqual(['plain 20', 'resnet 20', 'resnet 56']);
  });

  it('merges partial specs over the base, the later axis over the earlier one, and takes away what is null', () => {
    const [combination] = studyCombinations(
      study({
        base: { ...BASE, optimizer: { learningRate: 0.1, momentum: 0.9 }, laneBatchSize: '{batch}' },
        axes: [
          { name: 'rate', values: [{ label: 'low', spec: { optimizer: { learningRate: 0.01 } } }] },
          { name: 'other', values: [{ label: 'no momentum', spec: { optimizer: { momentum: null }, epochs: 3 } }] },
          { name: 'batch', values: [8] },
        ],
      }),
    );
    expect(combination?.spec).toMatchObject({ optimizer: { learningRate: 0.01 }, epochs: 3, laneBatchSize: 8 });
    expect(combination?.spec['optimizer']).not.toHaveProperty('momentum');
  });

  it('gives the same trials when its own output is read again', () => {
    const first = study({ seeds: [3], exclude: [{ depth: 20 }] });
    expect(studyTrials(studySpecSchema.parse(JSON.parse(JSON.stringify(first))))).toEqual(studyTrials(first));
  });
});

describe('checkCombinations', () => {
  it('names the combination of every fault, and says once what all of them have', () => {
    const { faults, specs } = checkCombinations(
      study({ base: { ...BASE, epochs: 0, model: { ...BASE.model, shortcut: 'B' } } }),
    );
    expect(specs).toEqual([]);
    expect(faults.map(({ path }) => path)).toEqual([
      '[network=plain, depth=20] model.shortcut',
      '[every combination] epochs',
      '[network=plain, depth=56] model.shortcut',
    ]);
  });

  it('gives the specs of good combinations beside the faults of others', () => {
    const { faults, specs } = checkCombinations(
      study({ axes: [...study().axes.slice(0, 1), { name: 'depth', values: [20, 21] }] }),
    );
    expect(faults.map(({ path }) => path)).toEqual([
      '[network=plain, depth=21] model.architecture',
      '[network=resnet, depth=21] model.architecture',
    ]);
    expect(specs.map(({ spec }) => spec.model.architecture)).toEqual(['plain20', 'resnet20']);
  });

  it('refuses a grid of which nothing is left', () => {
    expect(checkCombinations(study({ exclude: [{ network: 'plain' }, { network: 'resnet' }] })).faults).toEqual([
      { path: 'exclude', message: 'leaves out every combination' },
    ]);
  });
});

describe('studySpecSchema', () => {
  it('names every fault of a grid at once', () => {
    expect(
      faultsOf({
        base: { ...BASE, seed: 1, name: 'mine' },
        axes: [
          { name: 'depth', values: [20, '20'] },
          { name: 'depth', values: [{ label: 'x', spec: { seed: 4 } }] },
          { name: 'iteration', values: ['a'] },
        ],
        seeds: [1, 1],
        exclude: [{}, { width: 'a' }, { depth: '99' }],
      }),
    ).toEqual([
      'base.name',
      'base.seed',
      'axes.0.values.1',
      'axes.1.values.0.spec.seed',
      'axes.2.name',
      'axes.1.name',
      'seeds.1',
      'exclude.0',
      'exclude.1.width',
      'exclude.2.depth',
    ]);
  });

  it('refuses a grid that is too large', () => {
    const values = Array.from({ length: 100 }, (_, index) => index);
    expect(faultsOf({ axes: [{ name: 'depth', values }], seeds: values.slice(0, 11) })).toEqual(['axes']);
  });
});
