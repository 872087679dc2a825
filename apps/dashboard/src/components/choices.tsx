export interface ChoicesProps<Value extends string> {
  readonly label: string;
  readonly chosen: readonly Value[];
  readonly options: readonly Value[];
  readonly onChange: (chosen: readonly Value[]) => void;
}

/** Any of a few: check boxes that look like one control. */
export function Choices<Value extends string>({ label, chosen, options, onChange }: ChoicesProps<Value>) {
  const toggle = (value: Value): void =>
    onChange(options.filter((option) => (option === value) !== chosen.includes(option)));
  return (
    <fieldset className="segmented">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option}>
          <input type="checkbox" checked={chosen.includes(option)} onChange={() => toggle(option)} />
          <span>{option}</span>
        </label>
      ))}
    </fieldset>
  );
}
