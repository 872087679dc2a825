import { Route, Routes } from 'react-router';
import { DatasetListView } from './dataset-list-view.js';
import { DatasetView } from './dataset-view.js';

/** `/datasets` and below: a chunk of their own. */
export function DatasetPages() {
  return (
    <Routes>
      <Route index element={<DatasetListView />} />
      <Route path=":name" element={<DatasetView />} />
    </Routes>
  );
}
