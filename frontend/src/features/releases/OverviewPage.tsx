import { useEffect, useRef } from 'react';
import { DraftView } from './DraftView';
import { PublishedView } from './PublishedView';
import { useOpenRelease } from './release';

/** What a release is: how a draft becomes one, or what was published. */
export default function OverviewPage() {
  const { release, job } = useOpenRelease();
  const final = release.state === 'published' || release.state === 'withdrawn';
  const was = useRef(final);
  // A draft that becomes final is another page: it is read from its top.
  useEffect(() => {
    // The page scrolls within the shell, not the window.
    if (final && !was.current) document.getElementById('main')?.scrollTo({ top: 0 });
    was.current = final;
  }, [final]);
  return final ? <PublishedView release={release} /> : <DraftView release={release} job={job} />;
}
