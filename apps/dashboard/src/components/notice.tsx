import type { ReactNode } from 'react';

export interface NoticeProps {
  readonly tone: 'quiet' | 'error' | 'warning';
  readonly title: string;
  readonly children?: ReactNode;
}

/** An empty, failed or waiting part of a page, in words. */
export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone} role={tone === 'error' ? 'alert' : undefined}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
