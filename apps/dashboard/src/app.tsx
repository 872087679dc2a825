import { QueryClientProvider } from '@tanstack/react-query';
import { BrowserRouter, Route, Routes } from 'react-router';
import { createQueryClient } from './api/query-client.js';
import { Layout } from './shell/layout.js';
import { lazyPage } from './shell/lazy-page.js';
import { NewRunView } from './runs/new-run-view.js';
import { NotFoundView } from './shell/not-found-view.js';
import { RunListView } from './runs/run-list-view.js';
import { RunView } from './runs/run-view.js';
import { StudyListView } from './studies/study-list-view.js';
import { StudyView } from './studies/study-view.js';
import { WorkersView } from './workers/workers-view.js';

/** Chunks of their own: not what people come for first. */
const LogsView = lazyPage(async () => (await import('./logs/logs-view.js')).LogsView);
const RetentionView = lazyPage(async () => (await import('./retention/retention-view.js')).RetentionView);
const DatasetPages = lazyPage(async () => (await import('./datasets/dataset-pages.js')).DatasetPages);

const queryClient = createQueryClient();
/** The prefix of a proxy, which the coordinator writes into the page's base. */
const BASENAME = new URL(document.baseURI).pathname;
// Some proxies answer `/prefix` as they do `/prefix/`; the router knows the latter alone.
if (`${location.pathname}/` === BASENAME) history.replaceState(null, '', BASENAME + location.search);

/** Every view has an address. */
export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <BrowserRouter basename={BASENAME}>
        <Routes>
          <Route element={<Layout />}>
            <Route index element={<RunListView />} />
            <Route path="runs/:id" element={<RunView />} />
            <Route path="studies" element={<StudyListView />} />
            <Route path="studies/:id" element={<StudyView />} />
            <Route path="datasets/*" element={<DatasetPages />} />
            <Route path="workers" element={<WorkersView />} />
            <Route path="logs" element={<LogsView />} />
            <Route path="logs/:name" element={<LogsView />} />
            <Route path="retention" element={<RetentionView />} />
            <Route path="new" element={<NewRunView />} />
            <Route path="*" element={<NotFoundView />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
