import { useQuery } from '@tanstack/react-query';
import { UserCheck } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { errorMessage, isStatus } from '@/shared/api/problem';
import { useMe } from '@/shared/api/queries/accounts';
import type { Release } from '@/shared/api/types';
import { count, formatDateTime } from '@/shared/lib/format';
import { Button, EmptyState, ErrorState, Notice, SkeletonRows, toast } from '@/shared/ui';
import { useOpenRelease } from '../release';
import { Section } from '../Section';
import { Enlarged } from './Enlarged';
import { FaceImage } from './FaceImage';
import css from './Faces.module.css';
import { NextSteps } from './NextSteps';
import { type Faces, facesQuery, type Standing, useConfirmFaces } from './queries';
import { useLooked } from './useLooked';
import { drawn, GROUNDS, METHODS } from './words';

function Before({ checks }: { checks: Standing['checks'] }) {
  if (!checks.length) return null;
  return (
    <ul className={css.checks}>
      {checks.map((check) => (
        <li key={check.id}>
          {formatDateTime(check.created_at)}: {check.by?.name ?? 'Somebody'} recognised nobody in{' '}
          {count(check.images, 'image')}.
        </li>
      ))}
    </ul>
  );
}

interface ConfirmProps {
  release: Release;
  faces: Faces;
  looked: ReadonlySet<string>;
  all: number;
}

function Confirm({ release, faces, looked, all }: ConfirmProps) {
  const confirm = useConfirmFaces(release.id);
  const bad = faces.marks.length;
  return (
    <div className={css.confirm}>
      <div role="status">
        <strong>
          Looked at {looked.size} of {count(all, 'image')}
        </strong>
        <p>
          {bad
            ? `${count(bad, 'image')} marked as recognisable: this sample cannot be confirmed.`
            : looked.size < all
              ? 'Scroll on; an image counts once it was in view for a moment.'
              : 'That was the whole sample.'}
        </p>
        {confirm.error ? <p className={css.fault}>{errorMessage(confirm.error)}</p> : null}
      </div>
      <Button
        variant="primary"
        icon={<UserCheck size={14} aria-hidden />}
        disabled={bad > 0 || looked.size === 0}
        busy={confirm.isPending}
        onClick={() =>
          confirm.mutate([...looked], {
            onSuccess: () => toast.ok('Your confirmation was noted'),
          })
        }
      >
        No face can be recognised in {looked.size === all ? 'these' : `these ${looked.size}`}
      </Button>
    </div>
  );
}

function Sample({ release, faces }: { release: Release; faces: Faces }) {
  const me = useMe();
  const { looked, watch, add } = useLooked(me.id, release.id);
  const [open, setOpen] = useState<string | null>(null);
  const marks = useMemo(() => new Map(faces.marks.map((mark) => [mark.path, mark])), [faces.marks]);
  const paths = useMemo(() => faces.grounds.flatMap((ground) => ground.images), [faces.grounds]);
  const enlarge = useCallback(
    (path: string | null) => {
      if (path) add(path);
      setOpen(path);
    },
    [add],
  );
  return (
    <div className={css.parts}>
      <Notice>
        Could somebody who knows the family recognise a person, an adult included? Heads are{' '}
        {METHODS[faces.method] ?? faces.method}. The images were drawn by chance, weak grounds more
        often.
      </Notice>
      {faces.marks.length ? <NextSteps release={release} marks={faces.marks} /> : null}
      <Before checks={faces.checks} />
      {faces.grounds.map((ground) => {
        const words = GROUNDS[ground.ground];
        return (
          <Section
            key={ground.ground}
            title={`${words?.title ?? ground.ground}: ${drawn(ground)}`}
            help={words?.help}
          >
            <ul className={css.images}>
              {ground.images.map((path) => (
                <FaceImage
                  key={path}
                  releaseId={release.id}
                  path={path}
                  mark={marks.get(path)}
                  looked={looked.has(path)}
                  watch={watch}
                  onOpen={() => enlarge(path)}
                />
              ))}
            </ul>
          </Section>
        );
      })}
      <Confirm release={release} faces={faces} looked={looked} all={paths.length} />
      <Enlarged releaseId={release.id} paths={paths} path={open} marks={marks} onOpen={enlarge} />
    </div>
  );
}

function Content({ release }: { release: Release }) {
  const published = release.state === 'published';
  const { data, error, refetch } = useQuery({
    ...facesQuery(release.id),
    retry: false,
    enabled: published,
  });
  if (!published) {
    return (
      <EmptyState icon={<UserCheck size={20} />} title="There is no sample to look through">
        {release.state === 'withdrawn'
          ? 'This release was withdrawn: its files are no longer given out.'
          : 'The sample is drawn when the release is published.'}
      </EmptyState>
    );
  }
  if (data) return <Sample release={release} faces={data} />;
  if (isStatus(error, 404)) {
    return (
      <EmptyState icon={<UserCheck size={20} />} title="There is no sample to look through">
        {errorMessage(error)}
      </EmptyState>
    );
  }
  return error ? (
    <ErrorState
      title="The sample could not be loaded"
      error={error}
      onRetry={() => void refetch()}
    />
  ) : (
    <SkeletonRows rows={4} height={240} />
  );
}

/** A release's sample of masked images, for a person to look through. */
export default function FacesPage() {
  return <Content release={useOpenRelease().release} />;
}
