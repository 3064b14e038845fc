import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { isMaintainer, useMe, usersQuery } from '@/shared/api/queries/accounts';
import type { Change } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { formatDateTime } from '@/shared/lib/format';
import {
  Badge,
  Button,
  Cell,
  EmptyState,
  ErrorState,
  Field,
  HeadCell,
  Input,
  PersonName,
  Select,
  SkeletonRows,
  Table,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import css from './ChangesPage.module.css';
import { type ChangesSearch, KINDS } from './search';
import { describeChange, KIND_LABELS } from './words';

const route = getRouteApi('/app/shell/changes');
const DAY_MS = 86_400_000;
const PEOPLE = 'people';

/** A day of the person's own calendar, as the instant at which it begins. */
function startOf(day: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(new Date(year, month - 1, date).getTime() + later).toISOString();
}

function useChanges(search: ChangesSearch) {
  const asked = {
    kind: search.kind ? [search.kind] : undefined,
    person_id: search.person,
    people_only: search.people,
    recording_id: search.recording,
    frame_id: search.frame,
    joint: search.joint,
    since: search.since ? startOf(search.since) : undefined,
    until: search.until ? startOf(search.until, DAY_MS) : undefined,
  };
  return useInfiniteQuery({
    queryKey: keys.changes(asked),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/changes', {
          params: { query: { ...asked, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

function Filters({ search }: { search: ChangesSearch }) {
  const navigate = route.useNavigate();
  const maintains = isMaintainer(useMe());
  const { data: users = [] } = useQuery({ ...usersQuery, enabled: maintains });
  const change = (next: ChangesSearch) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  return (
    <search className={css.filters}>
      {maintains ? (
        <Field label="Person">
          {(control) => (
            <Select
              {...control}
              value={search.person ?? (search.people ? PEOPLE : '')}
              onChange={(e) =>
                change({
                  person: Number(e.target.value) || undefined,
                  people: e.target.value === PEOPLE ? true : undefined,
                })
              }
            >
              <option value="">people and models</option>
              <option value={PEOPLE}>people only</option>
              {users.map((user) => (
                <option key={user.id} value={user.id}>
                  {user.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ) : null}
      <Field label="Kind">
        {(control) => (
          <Select
            {...control}
            value={search.kind ?? ''}
            onChange={(e) => change({ kind: KINDS.find((kind) => kind === e.target.value) })}
          >
            <option value="">all</option>
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {KIND_LABELS[kind]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Joint">
        {(control) => (
          <Select
            {...control}
            value={search.joint ?? ''}
            onChange={(e) =>
              change({ joint: e.target.value === '' ? undefined : Number(e.target.value) })
            }
          >
            <option value="">all</option>
            {JOINT_LABELS.map((label, i) => (
              <option key={label} value={i}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="From">
        {(control) => (
          <Input
            {...control}
            type="date"
            value={search.since ?? ''}
            onChange={(e) => change({ since: e.target.value || undefined })}
          />
        )}
      </Field>
      <Field label="To">
        {(control) => (
          <Input
            {...control}
            type="date"
            value={search.until ?? ''}
            onChange={(e) => change({ until: e.target.value || undefined })}
          />
        )}
      </Field>
      {search.recording || search.frame ? (
        <Button onClick={() => change({ recording: undefined, frame: undefined })}>
          {search.frame ? 'All frames' : 'All recordings'}
        </Button>
      ) : null}
    </search>
  );
}

function Where({ change }: { change: Change }) {
  const { recording, frame } = change;
  if (!recording) {
    return change.subject ? (
      <span className={css.quiet}>
        {change.subject} {change.subject_id}
      </span>
    ) : null;
  }
  const recordingId = String(recording.id);
  return (
    <>
      <Link to="/recordings/$recordingId" params={{ recordingId }}>
        {recording.name}
      </Link>
      {frame ? (
        <>
          {', '}
          <Link
            to="/recordings/$recordingId/frames/$frame"
            params={{ recordingId, frame: frameParam(frame.position) }}
          >
            frame {frame.position + 1}
          </Link>
        </>
      ) : null}
    </>
  );
}

function ChangeRow({ change }: { change: Change }) {
  return (
    <tr>
      <Cell quiet className={css.when}>
        <time dateTime={change.at}>{formatDateTime(change.at)}</time>
      </Cell>
      <td>
        {change.person ? (
          <PersonName name={change.person.name} />
        ) : (
          <span className={css.quiet}>{change.model ?? 'InfantNet'}</span>
        )}
      </td>
      <td>
        <Badge tone="outline">{KIND_LABELS[change.kind]}</Badge>
      </td>
      <td>
        <span className={css.what} title={describeChange(change)}>
          {describeChange(change)}
        </span>
      </td>
      <td>
        <Where change={change} />
      </td>
      <td>
        {change.frame ? (
          <Link
            to="/changes"
            className={css.only}
            search={{ frame: change.frame.id }}
            title="Only changes of this frame"
            aria-label={`Only changes of frame ${change.frame.position + 1} of ${change.recording?.name ?? 'the recording'}`}
          >
            <History size={14} aria-hidden />
          </Link>
        ) : null}
      </td>
    </tr>
  );
}

/** Every change that was ever made, newest first; nothing can be taken out of it. */
export default function ChangesPage() {
  const search = route.useSearch();
  const maintains = isMaintainer(useMe());
  const query = useChanges(search);
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Changes"
      description={
        maintains
          ? 'Every change of the data, by whom and when. Nothing can be taken out of it.'
          : 'Everything that you changed. Nothing can be taken out of it.'
      }
    >
      <Filters search={search} />
      {query.isPending ? (
        <SkeletonRows rows={8} />
      ) : query.isError && !changes.length ? (
        <ErrorState
          title="The changes could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : changes.length ? (
        <>
          <Table>
            <thead>
              <tr>
                <HeadCell>When</HeadCell>
                <HeadCell>Who</HeadCell>
                <HeadCell>Kind</HeadCell>
                <HeadCell>What</HeadCell>
                <HeadCell>Where</HeadCell>
                <HeadCell>
                  <span className="visually-hidden">Only this frame</span>
                </HeadCell>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <ChangeRow key={change.key} change={change} />
              ))}
            </tbody>
          </Table>
          {query.hasNextPage ? (
            <div className={css.more}>
              <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Show more
              </Button>
            </div>
          ) : null}
        </>
      ) : (
        <EmptyState icon={<History size={20} />} title="No changes are like that">
          Ask for another time, person or joint.
        </EmptyState>
      )}
    </Page>
  );
}
