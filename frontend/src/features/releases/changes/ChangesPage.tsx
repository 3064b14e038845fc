import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, GitCompareArrows } from 'lucide-react';
import { useId } from 'react';
import { count, formatNumber } from '@/shared/lib/format';
import { buttonClass, EmptyState, ErrorState, Notice, Select, SkeletonRows } from '@/shared/ui';
import { releasesQuery } from '../queries';
import { useOpenRelease } from '../release';
import { Section } from '../Section';
import { ChangedFrames } from './ChangedFrames';
import { Changelog } from './Changelog';
import css from './Changes.module.css';
import { basesOf, KIND_LABELS, kindCounts, openKind } from './changes';
import { Details } from './Details';
import { type Difference, differenceFileUrl, differenceQuery } from './queries';

const route = getRouteApi('/app/shell/releases/$releaseId/changes');

function Base({ difference }: { difference: Difference }) {
  const { release } = useOpenRelease();
  const { base } = route.useSearch();
  const navigate = route.useNavigate();
  const baseId = useId();
  const { data } = useQuery(releasesQuery);
  const bases = basesOf(data ?? [], release);
  return (
    <div className={css.bar}>
      <div className={css.base}>
        <label htmlFor={baseId}>Compared with</label>
        <Select
          id={baseId}
          value={String(difference.before_id)}
          onChange={(e) => void navigate({ search: { base: Number(e.target.value) } })}
        >
          {bases.some((one) => one.id === difference.before_id) ? null : (
            <option value={difference.before_id}>{difference.before}</option>
          )}
          {bases.map((one) => (
            <option key={one.id} value={one.id}>
              {one.version}
            </option>
          ))}
        </Select>
      </div>
      <p className={css.quiet}>
        {count(difference.frames_kept, 'frame')} in both, {formatNumber(difference.frames_changed)}{' '}
        of them with other joints or another box.
      </p>
      <a href={differenceFileUrl(release.id, base)} download className={buttonClass()}>
        <Download size={14} aria-hidden />
        Download as JSON
      </a>
    </div>
  );
}

function Loaded({ difference }: { difference: Difference }) {
  const { release } = useOpenRelease();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const counts = kindCounts(difference);
  const kind = openKind(counts, search.kind);
  return (
    <div className={css.parts}>
      {difference.current ? (
        <Notice>
          Nothing is frozen yet: what the rule selects now, with the labels of now, is compared.
        </Notice>
      ) : null}
      <Base difference={difference} />
      <div className={css.columns}>
        <Section title={`What differs from ${difference.before}`}>
          <Details difference={difference} />
        </Section>
        <Section
          title="Changelog"
          help={
            release.state === 'draft'
              ? 'A draft in words: put it into the notes, and mend it there.'
              : 'What differs, in words.'
          }
        >
          <Changelog release={release} difference={difference} />
        </Section>
      </div>
      <Section title="Frames that differ">
        <fieldset className={css.kinds}>
          <legend className="visually-hidden">What differs</legend>
          {counts.map((one) => (
            <button
              key={one.kind}
              type="button"
              aria-pressed={one.kind === kind}
              disabled={one.frames === 0}
              onClick={() =>
                void navigate({
                  search: (now) => ({ ...now, kind: one.kind }),
                  replace: true,
                  resetScroll: false,
                })
              }
            >
              {KIND_LABELS[one.kind]}
              <b>{formatNumber(one.frames)}</b>
            </button>
          ))}
        </fieldset>
        {counts.some((one) => one.frames > 0) ? (
          <ChangedFrames key={kind} release={release} base={search.base} kind={kind} />
        ) : (
          <EmptyState compact icon={<GitCompareArrows size={20} />} title="No frame differs">
            Both versions hold the same frames with the same labels.
          </EmptyState>
        )}
      </Section>
    </div>
  );
}

/** What differs from an earlier version, with pictures. */
export default function ChangesPage() {
  const { release } = useOpenRelease();
  const { base } = route.useSearch();
  const first = base === undefined && release.base_id === null;
  const { data, error, refetch } = useQuery({
    ...differenceQuery(release.id, base),
    enabled: !first,
  });
  if (first) {
    return (
      <EmptyState icon={<GitCompareArrows size={20} />} title="Nothing to compare with">
        This is the first version of its dataset. What changes in the next one is shown there.
      </EmptyState>
    );
  }
  if (error && !data) {
    return (
      <ErrorState
        title="The versions could not be compared"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  return data ? <Loaded difference={data} /> : <SkeletonRows rows={5} height={96} />;
}
