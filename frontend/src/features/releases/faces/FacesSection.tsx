import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ScanFace } from 'lucide-react';
import type { Release } from '@/shared/api/types';
import { formatDateTime, formatNumber } from '@/shared/lib/format';
import { buttonClass, Cell, ErrorState, HeadCell, Notice, SkeletonRows, Table } from '@/shared/ui';
import { Section } from '../Section';
import { type Standing, standingQuery } from './queries';
import { fewerThan, GROUNDS, standingWords } from './words';

function Looked({ check }: { check: Standing['checks'][number] }) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Ground of the mask</HeadCell>
          <HeadCell numeric>Looked at</HeadCell>
          <HeadCell numeric>Of</HeadCell>
          <HeadCell numeric>Faces in fewer than</HeadCell>
        </tr>
      </thead>
      <tbody>
        {check.grounds.map((ground) => (
          <tr key={ground.ground}>
            <td>{GROUNDS[ground.ground]?.title ?? ground.ground}</td>
            <Cell numeric>{formatNumber(ground.looked)}</Cell>
            <Cell numeric>{formatNumber(ground.of)}</Cell>
            <Cell numeric title="With 95 % confidence, if images are drawn by chance.">
              {ground.looked === ground.of ? 'none' : fewerThan(ground.looked)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Whether a person has looked through a release's masked images, and what they said. */
export function FacesSection({ release }: { release: Release }) {
  const masked = release.settings.packaging?.images === 'masked';
  const { data, error, refetch } = useQuery({ ...standingQuery(release.id), enabled: masked });
  if (!masked) return null;
  const [last] = data?.checks ?? [];
  return (
    <Section
      title="Faces"
      help="Heads are masked by what labels know. Whether a face can still be recognised, a person says who has looked through a sample."
      actions={
        release.state === 'published' ? (
          <Link
            to="/releases/$releaseId/faces"
            params={{ releaseId: String(release.id) }}
            className={buttonClass()}
          >
            <ScanFace size={14} aria-hidden />
            Look through the sample
          </Link>
        ) : null
      }
    >
      {data ? (
        <>
          <Notice tone={data.marks.length ? 'error' : last ? 'info' : 'warn'}>
            {standingWords(data)}
            {last
              ? ` ${last.by?.name ?? 'Somebody'} looked on ${formatDateTime(last.created_at)}.`
              : ''}
          </Notice>
          {last ? <Looked check={last} /> : null}
        </>
      ) : error ? (
        <ErrorState
          title="What was said of its faces could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={2} />
      )}
    </Section>
  );
}
