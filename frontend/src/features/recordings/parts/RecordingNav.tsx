import { Link } from '@tanstack/react-router';
import css from './RecordingNav.module.css';

const PAGES = [
  { path: '', label: 'Overview' },
  { path: '/inspect', label: 'Inspect' },
  { path: '/cameras', label: 'Cameras' },
  { path: '/sync', label: 'Sync' },
  { path: '/fits', label: 'Body fits' },
];

/** The pages of one recording. */
export function RecordingNav({ recordingId }: { recordingId: number }) {
  return (
    <nav className={css.nav} aria-label="Pages of this recording">
      {PAGES.map(({ path, label }) => (
        <Link
          key={path}
          to={`/recordings/${recordingId}${path}` as string}
          className={css.link}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
