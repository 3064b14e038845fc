import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { waitingQuery } from '@/shared/api/queries/quality';
import { count } from '@/shared/lib/format';
import { buttonClass } from '@/shared/ui/Button';
import { useEditorParts } from '../store/context';

/** Single frames that came with the work in this recording; they are done in between. */
export function SinglesLink() {
  const { mode } = useEditorParts((s) => ({ mode: s.mode }));
  const { data } = useQuery({ ...waitingQuery, enabled: mode === 'annotate' });
  if (mode !== 'annotate' || !data?.single_frames) return null;
  return (
    <Link
      to="/single-frames"
      className={buttonClass({ size: 'sm' })}
      title="Frames of other recordings, to annotate on your own"
    >
      {count(data.single_frames, 'single frame')}
    </Link>
  );
}
