import { useInfiniteQuery } from '@tanstack/react-query';
import { recordingsQuery } from '@/shared/api/queries/recordings';
import { formatAge } from '@/shared/lib/format';
import { Button, Checkbox, ErrorState, Field, Select, SkeletonRows } from '@/shared/ui';
import css from './Draft.module.css';
import type { Draft } from './useDraft';

function List({ chosen, set }: { chosen: readonly number[]; set: (ids: number[]) => void }) {
  const query = useInfiniteQuery(recordingsQuery({ stage: 'approved' }));
  const found = query.data?.pages.flatMap((page) => page.items) ?? [];
  const unlisted = query.hasNextPage
    ? []
    : chosen.filter((id) => !found.some((recording) => recording.id === id));
  if (query.isPending) return <SkeletonRows rows={3} />;
  if (query.isError) {
    return (
      <ErrorState
        title="The recordings could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const toggle = (id: number, on: boolean) =>
    set(on ? [...chosen, id].sort((a, b) => a - b) : chosen.filter((other) => other !== id));
  return (
    <div className={css.recordings}>
      {found.length + unlisted.length === 0 ? <p>No recording is approved yet.</p> : null}
      {found.map((recording) => (
        <Checkbox
          key={recording.id}
          checked={chosen.includes(recording.id)}
          onChange={(on) => toggle(recording.id, on)}
          label={recording.name}
          help={`${recording.infant.pseudonym}, ${formatAge(recording.age_months)}`}
        />
      ))}
      {unlisted.map((id) => (
        <Checkbox
          key={id}
          checked
          onChange={(on) => toggle(id, on)}
          label={`Recording ${id}`}
          help="Not approved, or deleted"
        />
      ))}
      {query.hasNextPage ? (
        <Button
          size="sm"
          busy={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show more
        </Button>
      ) : null}
    </div>
  );
}

/** All approved recordings, or those that are ticked. */
export function RecordingChoice({ draft: { form, faults, set } }: { draft: Draft }) {
  return (
    <>
      <Field
        label="Recordings"
        error={faults.recordings}
        help={
          form.recordings
            ? 'Recordings that are approved later do not join by themselves.'
            : 'Those approved later belong to the next version by themselves.'
        }
      >
        {(control) => (
          <Select
            {...control}
            value={form.recordings ? 'some' : 'all'}
            onChange={(e) => set({ recordings: e.target.value === 'some' ? [] : null })}
          >
            <option value="all">Every approved recording</option>
            <option value="some">Only those chosen by hand</option>
          </Select>
        )}
      </Field>
      {form.recordings ? (
        <List chosen={form.recordings} set={(recordings) => set({ recordings })} />
      ) : null}
    </>
  );
}
