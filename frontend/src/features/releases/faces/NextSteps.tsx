import { Link } from '@tanstack/react-router';
import type { Release } from '@/shared/api/types';
import { Notice } from '@/shared/ui';
import css from './Faces.module.css';
import type { FaceMark } from './queries';

/** The recording that a released image is of, as its folder names it. */
export function recordingOf(path: string): number | null {
  const found = /\/r0*(\d+)\//.exec(path);
  return found ? Number(found[1]) : null;
}

/** What to do when somebody could be recognised. */
export function NextSteps({ release, marks }: { release: Release; marks: readonly FaceMark[] }) {
  const recordings = [...new Set(marks.map((mark) => recordingOf(mark.path)))].filter(
    (id) => id !== null,
  );
  return (
    <Notice tone="error">
      <strong>Somebody could be recognised. What to do next:</strong>
      <ol className={css.steps}>
        <li>
          <Link to="/releases/$releaseId" params={{ releaseId: String(release.id) }}>
            Withdraw {release.version}
          </Link>{' '}
          with its files, and tell those who have them.
        </li>
        <li>
          Correct the joints, or discard the frames:{' '}
          {recordings.map((id, at) => (
            <span key={id}>
              {at ? ', ' : ''}
              <Link to="/recordings/$recordingId" params={{ recordingId: String(id) }}>
                recording {id}
              </Link>
            </span>
          ))}
          . Reopen it, place the joints of the face, also hidden ones, and approve it again. For
          whom no label knows, discard the frame.
        </li>
        <li>
          Begin a new version. Grey instead of blur tells nothing of a face: choose it under “What
          is written”.
        </li>
      </ol>
    </Notice>
  );
}
