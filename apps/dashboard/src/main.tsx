import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { startTheme } from './shell/theme.js';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/panels.css';
import './styles/tables.css';
import './styles/fields.css';
import './styles/filters.css';
import './styles/notes.css';
import './styles/charts.css';
import './styles/run.css';
import './styles/caches.css';
import './styles/datasets.css';
import './styles/lanes.css';
import './styles/states.css';
import './styles/evaluations.css';
import './styles/studies.css';
import './styles/predictions.css';
import './styles/health.css';

startTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element #root to draw the dashboard in.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
