import { useState } from 'react';
import { cx, Dialog } from '@/shared/ui';
import css from './Picture.module.css';

interface PictureProps {
  url: string;
  title: string;
  className?: string;
}

/** A small picture that opens large. */
export function Picture({ url, title, className }: PictureProps) {
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  if (failed) return null;
  return (
    <>
      <button type="button" className={cx(css.small, className)} onClick={() => setOpen(true)}>
        <img src={url} alt={title} onError={() => setFailed(true)} />
      </button>
      {open ? (
        <Dialog open onOpenChange={setOpen} title={title} width={1100}>
          <img src={url} alt={title} className={css.large} />
        </Dialog>
      ) : null}
    </>
  );
}
