import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import type { PersonTraining } from '@/shared/api/types';
import { count, formatDateTime, formatNumber, percent } from '@/shared/lib/format';
import {
  Badge,
  Button,
  Cell,
  EmptyState,
  ErrorState,
  HeadCell,
  PersonName,
  SkeletonRows,
  Table,
  toast,
} from '@/shared/ui';
import { two } from './numbers';
import css from './quality.module.css';
import { peopleQuery, useSetTraining } from './queries';

/** Everybody who annotates: training, gold frames, second annotations. */
export function People() {
  const { data, error, refetch } = useQuery(peopleQuery);
  if (error) {
    return (
      <ErrorState
        title="The people could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={6} />;
  if (data.length === 0) {
    return (
      <EmptyState icon={<Users size={20} />} title="Nobody annotates yet">
        Give somebody the role of an annotator.
      </EmptyState>
    );
  }
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Person</HeadCell>
          <HeadCell>Training</HeadCell>
          <HeadCell numeric>OKS in training</HeadCell>
          <HeadCell numeric>Same visibility</HeadCell>
          <HeadCell numeric>Gold frames</HeadCell>
          <HeadCell numeric>OKS on gold</HeadCell>
          <HeadCell numeric>Second annotations</HeadCell>
          <HeadCell numeric>Waiting</HeadCell>
          <HeadCell>
            <span className="visually-hidden">Training</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {data.map((row) => (
          <PersonRow key={row.person.id} row={row} />
        ))}
      </tbody>
    </Table>
  );
}

function PersonRow({ row }: { row: PersonTraining }) {
  const set = useSetTraining();
  const passed = row.passed_at !== null;
  return (
    <tr>
      <td>
        <PersonName name={row.person.name} />
      </td>
      <td>
        {row.passed_at === null ? (
          row.standing.frames > 0 ? (
            `${row.standing.frames} of ${count(row.standing.of, 'frame')}`
          ) : (
            'not begun'
          )
        ) : (
          <Badge
            tone="ok"
            title={`${formatDateTime(row.passed_at)}${row.passed_by ? `, by ${row.passed_by.name}` : ''}`}
          >
            {row.passed_by ? 'let through' : 'reached'}
          </Badge>
        )}
      </td>
      <Cell numeric>{two(row.standing.oks)}</Cell>
      <Cell numeric>{percent(row.standing.visibility)}</Cell>
      <Cell numeric>{formatNumber(row.checks)}</Cell>
      <Cell numeric>{two(row.check_oks)}</Cell>
      <Cell numeric>{formatNumber(row.seconds)}</Cell>
      <Cell numeric>{formatNumber(row.open)}</Cell>
      <td className={css.buttons}>
        <Button
          size="sm"
          busy={set.isPending}
          aria-label={`${passed ? 'Train again' : 'Let through'}: ${row.person.name}`}
          onClick={() =>
            set.mutate(
              { personId: row.person.id, passed: !passed },
              { onError: (error) => toast.error('Nothing was changed', error) },
            )
          }
        >
          {passed ? 'Train again' : 'Let through'}
        </Button>
      </td>
    </tr>
  );
}
