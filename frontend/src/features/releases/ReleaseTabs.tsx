import { Link } from '@tanstack/react-router';
import css from './ReleaseTabs.module.css';

/** The pages of a release, in the order in which they stand; each has an address of its own. */
const TABS = [
  { label: 'Overview', to: '/releases/$releaseId', exact: true },
  { label: 'Statistics', to: '/releases/$releaseId/statistics', exact: true },
  { label: 'Frames', to: '/releases/$releaseId/frames', exact: true },
  { label: 'Changes', to: '/releases/$releaseId/changes', exact: true },
  { label: 'Leaderboard', to: '/releases/$releaseId/leaderboard', exact: false },
  { label: 'Faces', to: '/releases/$releaseId/faces', exact: true },
] as const;

/** The ways from one page of a release to another. */
export function ReleaseTabs({ releaseId }: { releaseId: number }) {
  return (
    <nav className={css.tabs} aria-label="Pages of this release">
      {TABS.map(({ label, to, exact }) => (
        <Link
          key={to}
          to={to}
          params={{ releaseId: String(releaseId) }}
          activeOptions={{ exact, includeSearch: false }}
          className={css.tab}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
