import { DraftView } from './DraftView';
import { PublishedView } from './PublishedView';
import { useOpenRelease } from './release';

/** What a release is: how a draft becomes one, or what was published. */
export default function OverviewPage() {
  const { release, job } = useOpenRelease();
  const final = release.state === 'published' || release.state === 'withdrawn';
  return final ? <PublishedView release={release} /> : <DraftView release={release} job={job} />;
}
