import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where a coordinator answers while the dashboard is developed with `npx vite apps/dashboard`. */
const COORDINATOR = 'http://127.0.0.1:3000';
const PROXIED = ['/v1', '/login', '/health', '/metrics', '/docs', '/queues'];

export default defineConfig({
  plugins: [react()],
  // Relative to the page's <base>, so that one build serves under every prefix.
  base: './',
  build: {
    outDir: '../../dist/apps/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // A value of the contracts brings its own module along, not all schemas and zod.
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /\/libs\/contracts\//, sideEffects: false }] } },
  },
  server: { proxy: Object.fromEntries(PROXIED.map((path) => [path, COORDINATOR])) },
});
