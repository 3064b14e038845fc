import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Film, Plus, SearchX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { recordingsQuery } from '@/shared/api/queries/recordings';
import { STAGES, type Stage } from '@/shared/domain/rules.gen';
import { STAGE_LABELS } from '@/shared/domain/words';
import {
  Button,
  buttonClass,
  EmptyState,
  ErrorState,
  SearchInput,
  Select,
  SkeletonRows,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import css from './RecordingsPage.module.css';
import { RecordingsTable } from './RecordingsTable';
import type { RecordingsSearch } from './search';

const recordingsRoute = getRouteApi('/app/shell/recordings');

const WAIT_FOR_TYPING_MS = 250;

function Filters({ search }: { search: RecordingsSearch }) {
  const navigate = recordingsRoute.useNavigate();
  const [text, setText] = useState(search.q ?? '');
  const change = (next: RecordingsSearch) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });

  useEffect(() => {
    if (text === (search.q ?? '')) return;
    const timer = setTimeout(() => change({ q: text || undefined }), WAIT_FOR_TYPING_MS);
    return () => clearTimeout(timer);
  });

  return (
    <search className={css.filters}>
      <SearchInput
        aria-label="Search recordings"
        placeholder="Name or infant"
        value={text}
        onChange={(e) => setText(e.target.value)}
        className={css.search}
      />
      <Select
        aria-label="Stage"
        value={search.stage ?? ''}
        onChange={(e) => change({ stage: (e.target.value || undefined) as Stage | undefined })}
      >
        <option value="">Every stage</option>
        {STAGES.map((stage) => (
          <option key={stage} value={stage}>
            {STAGE_LABELS[stage]}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Whose"
        value={search.mine ?? ''}
        onChange={(e) =>
          change({ mine: (e.target.value || undefined) as RecordingsSearch['mine'] })
        }
      >
        <option value="">Everybody’s</option>
        <option value="any">Mine</option>
        <option value="annotate">I annotate</option>
        <option value="inspect">I inspect</option>
      </Select>
    </search>
  );
}

function Nothing({ filtered, maintains }: { filtered: boolean; maintains: boolean }) {
  if (filtered) {
    return (
      <EmptyState
        icon={<SearchX size={20} />}
        title="No recording matches"
        actions={
          <Link to="/recordings" search={{}} className={buttonClass()}>
            Show all recordings
          </Link>
        }
      >
        Try other words or another stage.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Film size={20} />}
      title="No recordings yet"
      actions={
        maintains ? (
          <Link to="/recordings/import" className={buttonClass({ variant: 'primary' })}>
            <Plus size={14} aria-hidden />
            Import a recording
          </Link>
        ) : null
      }
    >
      {maintains
        ? 'Import a video, a home visit with several cameras, images, or labels of another tool. Frames are taken out and can then be annotated.'
        : 'A maintainer has to import the first one.'}
    </EmptyState>
  );
}

export default function RecordingsPage() {
  const search = recordingsRoute.useSearch();
  const maintains = isMaintainer(useMe());
  const query = useInfiniteQuery({
    ...recordingsQuery(search),
    placeholderData: (previous) => previous,
  });
  const recordings = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(search.stage || search.mine || search.q);
  return (
    <Page
      title="Recordings"
      description="One video each, or one visit with its cameras."
      actions={
        maintains ? (
          <Link to="/recordings/import" className={buttonClass({ variant: 'primary' })}>
            <Plus size={14} aria-hidden />
            Import
          </Link>
        ) : null
      }
    >
      {filtered || recordings.length ? <Filters search={search} /> : null}
      {query.isPending ? (
        <SkeletonRows rows={8} height={52} />
      ) : query.isError ? (
        <ErrorState
          title="The recordings could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : recordings.length ? (
        <>
          <RecordingsTable recordings={recordings} />
          {query.hasNextPage ? (
            <div className={css.more}>
              <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Show more
              </Button>
            </div>
          ) : null}
        </>
      ) : (
        <Nothing filtered={filtered} maintains={maintains} />
      )}
    </Page>
  );
}
