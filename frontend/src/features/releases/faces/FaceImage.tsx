import { Check, Flag, Maximize2, Undo2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { formatDateTime } from '@/shared/lib/format';
import { Button, cx, IconButton, Input, Notice, toast } from '@/shared/ui';
import { fileUrl } from '../queries';
import css from './Faces.module.css';
import { type FaceMark, useMarkFace, useTakeMarkBack } from './queries';

interface MarkingProps {
  releaseId: number;
  path: string;
  mark: FaceMark | undefined;
}

/** Says of an image that somebody could be recognised in it, or takes that back. */
export function Marking({ releaseId, path, mark }: MarkingProps) {
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState('');
  const say = useMarkFace(releaseId);
  const takeBack = useTakeMarkBack(releaseId);
  if (mark) {
    return (
      <div className={css.marked}>
        <span title={formatDateTime(mark.created_at)}>
          <strong>Recognisable:</strong> {mark.why}
          {mark.by ? ` (${mark.by.name})` : ''}
        </span>
        <Button
          size="sm"
          variant="ghost"
          icon={<Undo2 size={14} aria-hidden />}
          busy={takeBack.isPending}
          onClick={() =>
            takeBack.mutate(path, {
              onError: (error) => toast.error('The mark was not taken back', error),
            })
          }
        >
          Take back
        </Button>
      </div>
    );
  }
  if (!asking) {
    return (
      <Button
        size="sm"
        variant="ghost"
        icon={<Flag size={14} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        Recognisable…
      </Button>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say.mutate({ path, why }, { onSuccess: () => setAsking(false) });
  };
  return (
    <form className={css.asking} onSubmit={submit}>
      <Input
        aria-label="What can be recognised"
        placeholder="What can be recognised? Half of the face, a mirror …"
        autoFocus
        required
        maxLength={400}
        value={why}
        onChange={(e) => setWhy(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Escape') return;
          e.stopPropagation();
          setAsking(false);
        }}
      />
      <Button type="submit" size="sm" variant="danger" busy={say.isPending} disabled={!why.trim()}>
        Mark
      </Button>
      <Button size="sm" onClick={() => setAsking(false)}>
        Cancel
      </Button>
      {say.error ? <Notice tone="error">{errorMessage(say.error)}</Notice> : null}
    </form>
  );
}

interface FaceImageProps extends MarkingProps {
  looked: boolean;
  watch: (element: HTMLElement | null) => (() => void) | undefined;
  onOpen: () => void;
}

/** One image of the sample, as it was released. */
export function FaceImage({ releaseId, path, mark, looked, watch, onOpen }: FaceImageProps) {
  const [broken, setBroken] = useState(false);
  return (
    <li className={cx(css.image, mark && css.bad)}>
      {broken ? (
        <Notice tone="error">This image could not be loaded.</Notice>
      ) : (
        <button
          type="button"
          className={css.picture}
          onClick={onOpen}
          aria-label={`Enlarge ${path}`}
        >
          <img
            ref={watch}
            data-path={path}
            src={fileUrl(releaseId, path)}
            alt={path}
            loading="lazy"
            onError={() => setBroken(true)}
          />
        </button>
      )}
      <div className={css.under}>
        <span className={css.path} title={path}>
          {looked ? <Check size={12} aria-label="Looked at" /> : null} {path.replace('images/', '')}
        </span>
        <IconButton label="Enlarge" size="sm" onClick={onOpen}>
          <Maximize2 size={14} />
        </IconButton>
      </div>
      <Marking releaseId={releaseId} path={path} mark={mark} />
    </li>
  );
}
