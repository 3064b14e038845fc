import { Link } from '@tanstack/react-router';
import { Eraser, PackageX } from 'lucide-react';
import { useState } from 'react';
import { useRemoveReleaseFiles, useWithdrawRelease } from '@/shared/api/queries/releases';
import type { HoldingRelease, InfantConsents } from '@/shared/api/types';
import { SCOPE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Badge, Button, RemoveFilesDialog, WithdrawDialog } from '@/shared/ui';
import css from './Infants.module.css';
import { allows } from './standing';
import { nameOf } from './WithdrawConsent';

function Withdraw({ release }: { release: HoldingRelease }) {
  const [open, setOpen] = useState(false);
  const withdraw = useWithdrawRelease(release.release_id);
  const name = nameOf(release);
  return (
    <>
      <Button
        size="sm"
        icon={<PackageX size={14} aria-hidden />}
        aria-label={`Withdraw ${name}`}
        onClick={() => setOpen(true)}
      >
        Withdraw…
      </Button>
      <WithdrawDialog
        open={open}
        onOpenChange={(next) => {
          if (!next) withdraw.reset();
          setOpen(next);
        }}
        name={name}
        withFiles
        busy={withdraw.isPending}
        error={withdraw.error}
        onConfirm={(asked) => withdraw.mutate(asked, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}

function RemoveFiles({ release }: { release: HoldingRelease }) {
  const [open, setOpen] = useState(false);
  const remove = useRemoveReleaseFiles(release.release_id);
  return (
    <>
      <Button
        size="sm"
        icon={<Eraser size={14} aria-hidden />}
        aria-label={`Remove the files of ${nameOf(release)}`}
        onClick={() => setOpen(true)}
      >
        Remove files…
      </Button>
      <RemoveFilesDialog
        open={open}
        onOpenChange={(next) => {
          if (!next) remove.reset();
          setOpen(next);
        }}
        name={nameOf(release)}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}

/** Releases that hold an infant; what is out is withdrawn one by one. */
export function HoldingReleases({
  data: { published, checked, infant },
}: {
  data: InfantConsents;
}) {
  const scope = infant.scope;
  const held = [...checked, ...published];
  return (
    <section className={css.part} aria-label="Releases that hold this infant">
      <header>
        <h3>Releases that hold this infant</h3>
      </header>
      {held.length ? (
        <ul className={css.list}>
          {held.map((release) => (
            <li key={release.release_id}>
              <span className={css.entry}>
                <span>
                  <Link
                    to="/releases/$releaseId"
                    params={{ releaseId: String(release.release_id) }}
                  >
                    {nameOf(release)}
                  </Link>{' '}
                  <Badge tone={release.state === 'published' ? 'accent' : 'neutral'}>
                    {release.state}
                  </Badge>
                </span>
                <small className={css.under}>
                  {count(release.frames, 'frame')} of this infant, audience{' '}
                  {SCOPE_LABELS[release.audience].toLowerCase()}
                  {scope !== null && !allows(scope, release.audience)
                    ? ', which its family does not agree to any more'
                    : ''}
                  {release.state === 'withdrawn' ? '; its files are still in the store' : ''}
                </small>
              </span>
              {release.state === 'published' ? (
                <Withdraw release={release} />
              ) : release.state === 'withdrawn' ? (
                <RemoveFiles release={release} />
              ) : null}
            </li>
          ))}
        </ul>
      ) : (
        <p className={css.quiet}>
          None: neither published nor checked, and no files of withdrawn ones.
        </p>
      )}
    </section>
  );
}
