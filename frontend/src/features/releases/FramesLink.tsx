import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FrameSearch } from './frames/search';

interface FramesLinkProps {
  releaseId: number;
  search: FrameSearch;
  className?: string;
  label?: string;
  children: ReactNode;
}

/** A number of a release, which leads to the frames behind it. */
export function FramesLink({ releaseId, search, className, label, children }: FramesLinkProps) {
  return (
    <Link
      to="/releases/$releaseId/frames"
      params={{ releaseId: String(releaseId) }}
      search={search}
      className={className}
      aria-label={label}
      preload={false}
    >
      {children}
    </Link>
  );
}
