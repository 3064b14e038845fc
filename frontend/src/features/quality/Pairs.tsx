import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Scale } from 'lucide-react';
import { useState } from 'react';
import type { PairItem } from '@/shared/api/types';
import { count, formatRelative } from '@/shared/lib/format';
import {
  Badge,
  buttonClass,
  Cell,
  Checkbox,
  EmptyState,
  ErrorState,
  HeadCell,
  SkeletonRows,
  Table,
} from '@/shared/ui';
import { px, two } from './numbers';
import css from './quality.module.css';
import { pairsQuery } from './queries';

const actOf = ({ decided, blocked }: PairItem): string =>
  decided || blocked !== null ? 'See' : 'Decide';

/** Frames that two people annotated, those that agree least first. */
export function Pairs() {
  const [all, setAll] = useState(false);
  const { data, error, refetch } = useQuery(pairsQuery(!all));
  if (error) {
    return (
      <ErrorState
        title="The pairs could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={6} />;
  return (
    <div className={css.stack}>
      <div className={css.bar}>
        <p>{count(data.open, 'pair')} of answers to decide between, the most different first.</p>
        <Checkbox checked={all} onChange={setAll} label="Show those that are settled, too" />
      </div>
      {data.pairs.length === 0 ? (
        <EmptyState icon={<Scale size={20} />} title="Nothing to decide">
          Frames that two people annotated come here, once the second has handed them in.
        </EmptyState>
      ) : (
        <Table>
          <thead>
            <tr>
              <HeadCell>Frame</HeadCell>
              <HeadCell>First</HeadCell>
              <HeadCell>Second</HeadCell>
              <HeadCell numeric>OKS</HeadCell>
              <HeadCell numeric>Farthest joint</HeadCell>
              <HeadCell>Handed in</HeadCell>
              <HeadCell>State</HeadCell>
              <HeadCell>
                <span className="visually-hidden">Decide</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {data.pairs.map((pair) => (
              <tr key={pair.id}>
                <td>
                  {pair.recording.name}, frame {pair.position + 1}
                </td>
                <td>{pair.first.name}</td>
                <td>{pair.second.name}</td>
                <Cell numeric>
                  {pair.verdict_agrees ? two(pair.oks) : <Badge tone="warn">another verdict</Badge>}
                </Cell>
                <Cell numeric>{px(pair.worst_px)}</Cell>
                <Cell quiet>{formatRelative(pair.handed_in_at)}</Cell>
                <Cell quiet>{pair.decided ? 'Decided' : (pair.blocked ?? 'To decide')}</Cell>
                <td className={css.buttons}>
                  <Link
                    to="/quality/pairs/$pair"
                    params={{ pair: String(pair.id) }}
                    className={buttonClass({ size: 'sm' })}
                    aria-label={`${actOf(pair)}: ${pair.recording.name}, frame ${pair.position + 1}`}
                  >
                    {actOf(pair)}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}
