import { type FormEvent, useEffect, useRef, useState } from 'react';

export interface SearchBoxProps {
  readonly label: string;
  readonly placeholder: string;
  /** What is searched for now. */
  readonly value: string;
  readonly onSearch: (words: string) => void;
}

/** Whoever types is waited for so long; Enter does not wait. */
const PAUSE_MS = 250;

/** Words to search for, told when typing pauses. */
export function SearchBox({ label, placeholder, value, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  const tell = (words: string): void => {
    if (words === told.current) return;
    told.current = words;
    latest.current(words);
  };
  useEffect(() => {
    // Changed by another: the way back in the browser, or a link.
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    const timer = setTimeout(() => tell(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    tell(text.trim());
  };
  return (
    <form role="search" className="search" onSubmit={send}>
      <input
        type="search"
        className="field"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}
