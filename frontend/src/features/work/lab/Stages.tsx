import { Link } from '@tanstack/react-router';
import type { Lab } from '@/shared/api/types';
import { STAGE_HELP, STAGE_LABELS } from '@/shared/domain/words';
import { count, formatNumber, formatSince } from '@/shared/lib/format';
import css from './Lab.module.css';

/** Every stage in the order of work, with how much stands in it; each leads to its recordings. */
export function Stages({ stages }: { stages: Lab['stages'] }) {
  return (
    <ol className={css.stages}>
      {stages.map((row) => (
        <li key={row.stage} data-empty={row.recordings === 0 || undefined}>
          <Link
            to="/recordings"
            search={{ stage: row.stage }}
            title={`${STAGE_HELP[row.stage]}${row.oldest_since ? ` The first since ${formatSince(row.oldest_since)}.` : ''}`}
          >
            <span className={css.stageName}>{STAGE_LABELS[row.stage]}</span>
            <strong>{formatNumber(row.recordings)}</strong>
            <span className={css.quiet}>
              {row.recordings ? count(row.frames, 'frame') : 'none'}
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
