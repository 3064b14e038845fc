import { ChevronLeft, ChevronRight } from 'lucide-react';
import { usePageKeys } from '@/shared/lib/usePageKeys';
import { Button, Dialog } from '@/shared/ui';
import { fileUrl } from '../queries';
import { Marking } from './FaceImage';
import css from './Faces.module.css';
import type { FaceMark } from './queries';

interface EnlargedProps {
  releaseId: number;
  /** All images of the sample, in the order of the page. */
  paths: readonly string[];
  /** Which one is open. */
  path: string | null;
  marks: ReadonlyMap<string, FaceMark>;
  onOpen: (path: string | null) => void;
}

/** One image as large as the window allows; arrow keys go on. */
export function Enlarged({ releaseId, paths, path, marks, onOpen }: EnlargedProps) {
  const at = path === null ? -1 : paths.indexOf(path);
  const before = paths[at - 1];
  const next = paths[at + 1];
  usePageKeys(
    ({ key }) => {
      const to = { ArrowLeft: before, ArrowRight: next }[key];
      if (to) onOpen(to);
      return to !== undefined;
    },
    { inDialog: true, enabled: path !== null },
  );
  return (
    <Dialog
      open={path !== null}
      onOpenChange={(open) => (open ? undefined : onOpen(null))}
      title={`Image ${at + 1} of ${paths.length}`}
      description={path ?? undefined}
      width={1280}
      footer={
        <>
          <Button
            icon={<ChevronLeft size={14} aria-hidden />}
            disabled={!before}
            onClick={() => onOpen(before ?? null)}
          >
            Previous
          </Button>
          <Button
            variant="primary"
            icon={<ChevronRight size={14} aria-hidden />}
            disabled={!next}
            onClick={() => onOpen(next ?? null)}
          >
            Next
          </Button>
        </>
      }
    >
      {path === null ? null : (
        <div className={css.enlarged}>
          <img src={fileUrl(releaseId, path)} alt={path} />
          <Marking key={path} releaseId={releaseId} path={path} mark={marks.get(path)} />
        </div>
      )}
    </Dialog>
  );
}
