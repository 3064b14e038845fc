import { useQuery } from '@tanstack/react-query';
import { isStatus } from '@/shared/api/problem';
import { isActive } from '@/shared/api/queries/jobs';
import type { InfantConsents } from '@/shared/api/types';
import { labelOf, PSEUDONYM_HELP, SCOPE_LABELS, SEX_LABELS } from '@/shared/domain/words';
import { count, formatDate, formatDateTime } from '@/shared/lib/format';
import { Dialog, ErrorState, Notice, SkeletonRows } from '@/shared/ui';
import { AddEntry } from './AddEntry';
import { Erasure } from './Erasure';
import { HoldingReleases } from './HoldingReleases';
import css from './Infants.module.css';
import { infantQuery } from './queries';
import { withdrawal } from './standing';

function History({ infant: { entries, infant } }: { infant: InfantConsents }) {
  return (
    <section className={css.part} aria-label="Entries of consent">
      <header>
        <h3>Consent</h3>
      </header>
      {entries.length ? (
        <ol className={css.list}>
          {entries.map((entry, at) => (
            <li key={entry.id}>
              <span className={css.entry}>
                <span>
                  <strong>
                    {entry.scope === 'none' ? 'Taken back' : SCOPE_LABELS[entry.scope]}
                  </strong>
                  , {formatDate(entry.given_on)}, document {entry.document}
                  {at === 0 ? ' (counts now)' : ''}
                </span>
                {entry.note ? <span>{entry.note}</span> : null}
                <small className={css.under}>
                  Noted {formatDateTime(entry.created_at)}
                  {entry.noted_by ? ` by ${entry.noted_by.name}` : ''}
                </small>
              </span>
            </li>
          ))}
        </ol>
      ) : (
        <p className={css.quiet}>
          No entry of its own yet.{' '}
          {infant.by_recordings.length
            ? `What its recordings were imported with counts: ${infant.by_recordings
                .map((scope) => SCOPE_LABELS[scope].toLowerCase())
                .join(', ')}.`
            : 'Nothing of it can be released.'}
        </p>
      )}
    </section>
  );
}

function Loaded({ data }: { data: InfantConsents }) {
  const state = withdrawal(data.infant);
  return (
    <div className={css.parts}>
      {state ? (
        <Notice tone={state.tone === 'ok' ? 'info' : 'warn'}>
          <strong>{state.words}.</strong> This infant is left out of all drafts and later releases.
        </Notice>
      ) : null}
      <History infant={data} />
      {isActive(data.erasure) ? null : <AddEntry data={data} />}
      <Erasure data={data} />
      <HoldingReleases data={data} />
    </div>
  );
}

function factsOf({ infant }: InfantConsents): string {
  const sex = infant.sex ? labelOf(SEX_LABELS, infant.sex) : 'Sex not recorded';
  return `${sex} · ${count(infant.recordings, 'recording')} · ${count(infant.frames, 'frame')}`;
}

/** One infant: what its family agreed to, and how that is taken back. */
export function InfantDrawer({
  infantId,
  onClose,
}: {
  infantId: number | undefined;
  onClose: () => void;
}) {
  const { data, error, refetch } = useQuery({
    ...infantQuery(infantId ?? 0),
    enabled: infantId !== undefined,
  });
  return (
    <Dialog
      kind="drawer"
      width={640}
      open={infantId !== undefined}
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={data?.infant.pseudonym ?? 'Infant'}
      description={data ? `${factsOf(data)}. ${PSEUDONYM_HELP}` : undefined}
    >
      {data ? (
        <Loaded key={data.infant.id} data={data} />
      ) : isStatus(error, 404) ? (
        <p>There is no such infant.</p>
      ) : error ? (
        <ErrorState
          title="The infant could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Dialog>
  );
}
