import { Option, type Command } from 'commander';

/** A flag of a part of a spec: where its value stands in that part, and how it is written. */
export interface SpecFlag {
  readonly path: readonly [string] | readonly [string, string];
  readonly option: Option;
  /** What the part gets where the flag says something else than commander makes of it. */
  readonly value?: unknown;
}

/** What commander makes of flags, by attribute name; all may be left out. */
export type FlagValues = Readonly<Record<string, unknown>>;

type Shape = (option: Option) => Option;

/** A row of a table: `path` is `field` or `field.field`. */
export function specFlag(path: string, text: string, about: string, shape: Shape = (it) => it): SpecFlag {
  const [first = '', second] = path.split('.');
  return { path: second === undefined ? [first] : [first, second], option: shape(new Option(text, about)) };
}

export function among(choices: readonly string[]): Shape {
  return (option) => option.choices(choices);
}

export function parsedBy(parse: (text: string) => unknown): Shape {
  return (option) => option.argParser(parse);
}

/** The flags that describe a part of a spec, such as its network or its data set. */
export class FlagTable {
  readonly #flags: readonly SpecFlag[];

  constructor(flags: readonly SpecFlag[]) {
    this.#flags = flags;
  }

  addTo(command: Command): Command {
    for (const { option } of this.#flags) command.addOption(option);
    return command;
  }

  /** The flags that were given, as the user writes them. */
  given(values: FlagValues): readonly string[] {
    return this.#given(values).map(({ option }) => option.long ?? '');
  }

  /** The part of the spec that the flags describe, over `base`. */
  part(values: FlagValues, base: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const part: Record<string, unknown> = { ...base };
    for (const { path, option, value = values[option.attributeName()] } of this.#given(values)) {
      const [first, second] = path;
      if (second === undefined) part[first] = value;
      else part[first] = { ...(part[first] as object | undefined), [second]: value };
    }
    return part;
  }

  /** The flags for a path of the part, or for all that lies below it; undefined: there is none. */
  writtenAs(path: readonly string[]): string | undefined {
    const exact = this.#flags.find((it) => path.length > 0 && it.path.every((name, at) => path[at] === name));
    const near = exact === undefined ? this.#flags.filter((it) => it.path[0] === path[0]) : [exact];
    return near.length === 0 ? undefined : near.map(({ option }) => option.long ?? '').join(', ');
  }

  #given(values: FlagValues): readonly SpecFlag[] {
    return this.#flags.filter(({ option }) => values[option.attributeName()] !== undefined);
  }
}
