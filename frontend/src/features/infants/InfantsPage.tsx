import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Baby } from 'lucide-react';
import type { InfantItem } from '@/shared/api/types';
import { labelOf, PSEUDONYM_HELP, SEX_LABELS } from '@/shared/domain/words';
import { count, formatDate, formatNumber } from '@/shared/lib/format';
import {
  Badge,
  Button,
  Cell,
  EmptyState,
  ErrorState,
  HeadCell,
  SearchInput,
  Select,
  SkeletonRows,
  VirtualTable,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { InfantDrawer } from './InfantDrawer';
import css from './Infants.module.css';
import { infantsQuery } from './queries';
import { matching, scopeWords, withdrawal, withdrawalInShort } from './standing';

const infantsRoute = getRouteApi('/app/shell/infants');

const WIDTHS = ['15%', '9%', '10%', '9%', '17%', '11%', '12%', '17%'];

function Row({
  infant,
  place,
  onOpen,
}: {
  infant: InfantItem;
  place: number;
  onOpen: (id: number) => void;
}) {
  const scope = scopeWords(infant);
  const state = withdrawal(infant);
  return (
    <tr aria-rowindex={place}>
      <td title={infant.pseudonym}>
        <button type="button" className={css.name} onClick={() => onOpen(infant.id)}>
          {infant.pseudonym}
        </button>
      </td>
      <Cell quiet>{infant.sex ? labelOf(SEX_LABELS, infant.sex) : 'not recorded'}</Cell>
      <Cell numeric>{formatNumber(infant.recordings)}</Cell>
      <Cell numeric>{formatNumber(infant.frames)}</Cell>
      <td>
        {scope.words}
        {scope.own ? null : <small className={css.under}> by its recordings</small>}
      </td>
      <Cell quiet={!infant.given_on}>{infant.given_on ? formatDate(infant.given_on) : '–'}</Cell>
      <Cell quiet={!infant.document} title={infant.document ?? undefined}>
        {infant.document ?? '–'}
      </Cell>
      <td title={state?.words}>
        {state ? <Badge tone={state.tone}>{withdrawalInShort(infant)}</Badge> : null}
      </td>
    </tr>
  );
}

const HEAD = (
  <tr>
    <HeadCell>Infant</HeadCell>
    <HeadCell>Sex</HeadCell>
    <HeadCell numeric>Recordings</HeadCell>
    <HeadCell numeric>Frames</HeadCell>
    <HeadCell>Consent</HeadCell>
    <HeadCell>Given on</HeadCell>
    <HeadCell>Document</HeadCell>
    <HeadCell>Withdrawal</HeadCell>
  </tr>
);

function Infants({ infants }: { infants: readonly InfantItem[] }) {
  const { q, shown } = infantsRoute.useSearch();
  const navigate = infantsRoute.useNavigate();
  const found = matching(infants, q ?? '', shown);
  const set = (change: { q?: string; shown?: typeof shown; infant?: number }) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  return (
    <>
      <div className={css.tools}>
        <SearchInput
          aria-label="Search infants"
          placeholder="Pseudonym or document"
          value={q ?? ''}
          onChange={(e) => set({ q: e.target.value || undefined })}
        />
        <Select
          aria-label="Which infants"
          className={css.which}
          value={shown ?? ''}
          onChange={(e) => set({ shown: (e.target.value || undefined) as typeof shown })}
        >
          <option value="">All</option>
          <option value="no_entry">Without an entry of their own</option>
          <option value="withdrawn">Consent taken back</option>
        </Select>
        <p className={css.quiet} role="status">
          {found.length === infants.length
            ? count(infants.length, 'infant')
            : `${formatNumber(found.length)} of ${count(infants.length, 'infant')}`}
        </p>
      </div>
      {found.length ? (
        <VirtualTable
          label="Infants"
          widths={WIDTHS}
          head={HEAD}
          items={found}
          row={(infant, place) => (
            <Row
              key={infant.id}
              infant={infant}
              place={place}
              onOpen={(id) => set({ infant: id })}
            />
          )}
        />
      ) : (
        <EmptyState
          icon={<Baby size={20} />}
          title="No infant matches"
          actions={
            <Button onClick={() => set({ q: undefined, shown: undefined })}>Show all</Button>
          }
        >
          Look for a part of the pseudonym, or for the number of a document.
        </EmptyState>
      )}
    </>
  );
}

export default function InfantsPage() {
  const { infant } = infantsRoute.useSearch();
  const navigate = infantsRoute.useNavigate();
  const { data, error, refetch } = useQuery(infantsQuery);
  return (
    <Page
      title="Infants"
      description={`Who was filmed, and how far their families let the pictures go. ${PSEUDONYM_HELP}`}
    >
      {data ? (
        data.length ? (
          <Infants infants={data} />
        ) : (
          <EmptyState icon={<Baby size={20} />} title="No infants yet">
            An infant is here as soon as its first recording is imported under a pseudonym.
          </EmptyState>
        )
      ) : error ? (
        <ErrorState
          title="The infants could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={8} height={44} />
      )}
      <InfantDrawer
        infantId={infant}
        onClose={() =>
          void navigate({ search: (now) => ({ ...now, infant: undefined }), replace: true })
        }
      />
    </Page>
  );
}
