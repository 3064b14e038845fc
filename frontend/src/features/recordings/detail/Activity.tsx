import { useInfiniteQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { activityQuery } from '@/shared/api/queries/recordings';
import { formatDateTime, formatRelative } from '@/shared/lib/format';
import { Avatar, Button, EmptyState, ErrorState, SkeletonRows, StageBadge } from '@/shared/ui';
import { describe, noteOf, stageOf } from './activity';
import css from './lists.module.css';

/** Who did what, newest first; nothing can be taken out of it. */
export function Activity({ recordingId }: { recordingId: number }) {
  const query = useInfiniteQuery(activityQuery(recordingId));
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (query.isError) {
    return (
      <ErrorState
        title="The activity could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const entries = query.data.pages.flatMap((page) => page.items);
  if (!entries.length) {
    return <EmptyState icon={<History size={20} />} title="Nothing has happened yet" />;
  }
  return (
    <>
      <ol className={css.list}>
        {entries.map((entry) => {
          const note = noteOf(entry);
          const stage = stageOf(entry);
          return (
            <li key={entry.id} className={css.item}>
              <div className={css.head}>
                <Avatar name={entry.actor?.name ?? 'InfantNet'} size={20} />
                <strong>{entry.actor?.name ?? 'InfantNet'}</strong>
                <span>{describe(entry)}</span>
                {stage ? <StageBadge stage={stage} /> : null}
                <time className={css.when} dateTime={entry.at} title={formatDateTime(entry.at)}>
                  {formatRelative(entry.at)}
                </time>
              </div>
              {note ? <blockquote className={css.quote}>{note}</blockquote> : null}
            </li>
          );
        })}
      </ol>
      {query.hasNextPage ? (
        <div className={css.more}>
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}
