/** The value of a CSS colour variable for a canvas; `opacity` in [0, 1] where the variable holds #rrggbb. */
export function token(name: string, opacity = 1): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  if (opacity >= 1 || !/^#[0-9a-f]{6}$/i.test(value)) return value;
  return `${value}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
