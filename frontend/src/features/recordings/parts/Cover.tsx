import { Film } from 'lucide-react';
import { useState } from 'react';
import { urlOf } from '@/shared/api/client';
import { cx } from '@/shared/ui';
import css from './Cover.module.css';

interface CoverProps {
  frameId: number | null;
  /** Width in pixels; the picture is 4:3. */
  width?: number | string;
  className?: string;
}

/** A recording's picture; decoration, as the name stands beside it. */
export function Cover({ frameId, width = 56, className }: CoverProps) {
  const [failed, setFailed] = useState(false);
  return (
    <span className={cx(css.cover, className)} style={{ width }} aria-hidden>
      {frameId === null || failed ? (
        <Film size={18} />
      ) : (
        <img
          src={urlOf('/api/v1/frames/{frame_id}/thumbnail', { frame_id: frameId })}
          alt=""
          loading="lazy"
          onError={() => setFailed(true)}
        />
      )}
    </span>
  );
}
