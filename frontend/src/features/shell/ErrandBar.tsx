import { Link, useLocation } from '@tanstack/react-router';
import { ArrowLeft, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { endErrand, useErrand } from '@/shared/lib/errand';
import { IconButton } from '@/shared/ui';
import css from './ErrandBar.module.css';

/** The way back to the page that sent somebody here to mend something. */
export function ErrandBar() {
  const { errand } = useErrand();
  const here = useLocation({ select: (location) => location.pathname });
  const back = errand?.path === here;
  // It begins on the page that waits, and ends with the return to it.
  const away = useRef(false);
  useEffect(() => {
    if (errand && !back) away.current = true;
    if (back && away.current) {
      away.current = false;
      endErrand();
    }
  }, [errand, back]);
  if (!errand || back) return null;
  return (
    <div className={css.bar}>
      <Link to={errand.path} hash={errand.hash}>
        <ArrowLeft size={14} aria-hidden />
        Back to {errand.words}
      </Link>
      <IconButton label="Hide the way back" size="sm" variant="ghost" onClick={endErrand}>
        <X size={14} />
      </IconButton>
    </div>
  );
}
