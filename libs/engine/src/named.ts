type Named<Value> = Readonly<Record<string, Value>>;

/** The same names with other values. */
export function mapValues<From, To>(named: Named<From>, map: (value: From, name: string) => To): Named<To> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, map(value, name)]));
}

/** What has the name. Throws where nothing has: names are agreed on within this lib. */
export function taken<Value>(named: Named<Value>, name: string): Value {
  const value = named[name];
  if (value === undefined) throw new Error(`there is no ${name} among ${Object.keys(named).join(', ')}`);
  return value;
}
