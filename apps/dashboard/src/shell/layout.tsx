import { type MouseEvent, Suspense, useEffect } from 'react';
import { Link, NavLink, Outlet, NavigationType, useLocation, useNavigationType } from 'react-router';
import { useConnection } from '../api/use-connection.js';
import { Skeleton } from '../components/skeleton.js';
import { LoginView } from './login-view.js';
import { ConnectionBanner } from './connection-banner.js';
import { FaultsNotice } from './faults-notice.js';
import { ThemeToggle } from './theme-toggle.js';

/** What every page has: masthead, the page itself (or the login), foot and the banner of a lost connection. */
export function Layout() {
  const { status } = useConnection();
  const { pathname } = useLocation();
  const isBack = useNavigationType() === NavigationType.Pop;
  useEffect(() => {
    // A new page begins at its top; going back, the browser knows better where one was.
    if (!isBack) window.scrollTo(0, 0);
  }, [pathname, isBack]);
  return (
    <>
      <a className="skip-link" href="#content" onClick={skipToContent}>
        Skip to content
      </a>
      <header className="masthead">
        <Link to="/" className="brand">
          <BrandSign />
          Skiplane
        </Link>
        <nav aria-label="Pages">
          <NavLink to="/" end>
            Runs
          </NavLink>
          <NavLink to="/studies">Studies</NavLink>
          <NavLink to="/datasets">Data sets</NavLink>
          <NavLink to="/workers">Workers</NavLink>
          <NavLink to="/logs">Logs</NavLink>
          <NavLink to="/new">New run</NavLink>
        </nav>
        <ThemeToggle />
      </header>
      <main id="content" tabIndex={-1}>
        {status === 'unauthorised' ? (
          <LoginView />
        ) : (
          <>
            <FaultsNotice />
            <Suspense fallback={<Skeleton label="Loading the page" rows={6} />}>
              <Outlet />
            </Suspense>
          </>
        )}
      </main>
      <footer className="foot">
        <a href="docs">API</a>
        <a href="queues">Queues</a>
        <a href="metrics">Metrics</a>
      </footer>
      <ConnectionBanner />
    </>
  );
}

/** By hand: with the page's base in front `#content` would be another address. */
function skipToContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** Two lanes, one of which skips over a block. */
function BrandSign() {
  return (
    <svg
      viewBox="0 0 28 20"
      width="28"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.4"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M2 15h7M19 15h7M13 15h2" />
      <path className="brand-skip" d="M2 9.5C8 9.500 8 4 14 4s6 5.500 12 5.500" />
    </svg>
  );
}
