import { Link } from 'react-router';
import { Notice } from '../components/notice.js';
import { useTitle } from '../components/use-title.js';

export function NotFoundView() {
  useTitle('Not found');
  return (
    <Notice tone="quiet" title="There is no such page">
      <p>
        <Link to="/">To the list of runs</Link>
      </p>
    </Notice>
  );
}
