import 'react';

declare module 'react' {
  /** Lets `style` carry CSS variables. */
  interface CSSProperties {
    [variable: `--${string}`]: string | number | undefined;
  }
}
