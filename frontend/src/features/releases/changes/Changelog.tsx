import { Copy, NotebookPen } from 'lucide-react';
import type { Release } from '@/shared/api/types';
import { Button, toast } from '@/shared/ui';
import { useSaveRelease } from '../queries';
import css from './Changes.module.css';
import { notesWith } from './changes';
import type { Difference } from './queries';

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.ok('The changelog was copied');
  } catch (error) {
    toast.error('The changelog could not be copied', error);
  }
}

/** What changed in words, for the notes of the version. */
export function Changelog({ release, difference }: { release: Release; difference: Difference }) {
  const save = useSaveRelease(release.id);
  const notes = notesWith(release.notes, difference.changelog);
  const there = notes === release.notes;
  return (
    <>
      <pre className={css.changelog}>{difference.changelog}</pre>
      <div className={css.buttons}>
        <Button
          icon={<Copy size={14} aria-hidden />}
          onClick={() => void copy(difference.changelog)}
        >
          Copy
        </Button>
        {release.state === 'draft' ? (
          <Button
            icon={<NotebookPen size={14} aria-hidden />}
            disabled={there}
            busy={save.isPending}
            onClick={() =>
              save.mutate(
                { notes },
                {
                  onSuccess: () => toast.ok('The changelog stands in the notes of this draft'),
                  onError: (error) => toast.error('The notes could not be changed', error),
                },
              )
            }
          >
            {there ? 'Is in the notes' : 'Put into the notes'}
          </Button>
        ) : null}
      </div>
    </>
  );
}
