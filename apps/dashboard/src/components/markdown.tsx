import { micromark } from 'micromark';
import { useMemo } from 'react';

/** An image would be asked of another host; its place shows the text as it was written. */
const EXTENSIONS = [{ disable: { null: ['labelStartImage'] } }];

/**
 * CommonMark. HTML in it is shown as text, and addresses other than those of the web and of mail lead nowhere: micromark
 * is safe unless told otherwise, so that its result needs no cleaning.
 */
export default function Markdown({ text }: { readonly text: string }) {
  const html = useMemo(() => ({ __html: micromark(text, { extensions: EXTENSIONS }) }), [text]);
  return <div className="markdown" dangerouslySetInnerHTML={html} />;
}
