import { Link, useLocation } from '@tanstack/react-router';
import { ArrowLeft, X } from 'lucide-react';
import { useEffect } from 'react';
import { endErrand, useErrand } from '@/shared/lib/errand';
import { IconButton } from '@/shared/ui';
import css from './ErrandBar.module.css';

/** The way back to the page that sent somebody here to mend something. */
export function ErrandBar() {
  const { errand } = useErrand();
  const here = useLocation({ select: (location) => location.pathname });
  const back = errand?.path === here;
  useEffect(() => {
    if (back) endErrand();
  }, [back]);
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
