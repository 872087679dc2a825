import { setTheme, THEMES, useTheme } from './theme.js';

const SIGNS = {
  auto: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  light: '',
  dark: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
};

/** Steps through the system's theme, light and dark. */
export function ThemeToggle() {
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
  return (
    <button
      type="button"
      className="icon-button"
      onClick={() => setTheme(next)}
      aria-label={`Theme: ${theme}. Switch to ${next}`}
      title={`Theme: ${theme}`}
    >
      <svg
        viewBox="0 0 24 24"
        width="18"
        height="18"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        aria-hidden="true"
      >
        {theme === 'light' ? <LightSign /> : <path d={SIGNS[theme]} strokeLinejoin="round" />}
        {theme === 'auto' ? <path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor" /> : null}
      </svg>
    </button>
  );
}

function LightSign() {
  const rays = Array.from({ length: 8 }, (_, index) => (
    <path key={index} d="M12 2.5v2" transform={`rotate(${index * 45} 12 12)`} strokeLinecap="round" />
  ));
  return (
    <>
      <circle cx="12" cy="12" r="4" />
      {rays}
    </>
  );
}
