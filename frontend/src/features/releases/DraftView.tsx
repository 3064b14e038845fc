import { useQuery } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { Save } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { isActive } from '@/shared/api/queries/jobs';
import type { Job, Release } from '@/shared/api/types';
import { Button, ConfirmDialog, Notice } from '@/shared/ui';
import { About } from './About';
import css from './Draft.module.css';
import { Effect } from './Effect';
import { effectAskedBy } from './form';
import { Gate } from './Gate';
import { Packaging } from './Packaging';
import { Publish } from './Publish';
import { effectQuery } from './queries';
import { SELECTION, Section } from './Section';
import { Selection } from './Selection';
import { Splits } from './Splits';
import { type Draft, useDebounced, useDraft } from './useDraft';

const EFFECT_AFTER_MS = 300;

function SavingBar({ draft, locked }: { draft: Draft; locked: boolean }) {
  if (!draft.dirty) return null;
  const fault = Object.values(draft.faults)[0];
  return (
    <div className={css.saving} role="status">
      <div>
        <strong>Unsaved changes</strong>
        {draft.saveError ? (
          <p>{errorMessage(draft.saveError)}</p>
        ) : fault ? (
          <p>{fault}</p>
        ) : locked ? (
          <p>A job works on this release: save when it has ended.</p>
        ) : null}
      </div>
      <Button onClick={draft.discard}>Discard</Button>
      <Button
        variant="primary"
        icon={<Save size={14} aria-hidden />}
        disabled={!draft.valid || locked}
        busy={draft.saving}
        onClick={() => void draft.save().catch(() => undefined)}
      >
        Save
      </Button>
    </div>
  );
}

function Leaving({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: dirty,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      open={blocker.status === 'blocked'}
      onOpenChange={(open) => (open ? undefined : blocker.reset?.())}
      title="Leave without saving?"
      description="What you changed of this release is not saved yet."
      confirm="Leave without saving"
      danger
      onConfirm={() => blocker.proceed?.()}
    />
  );
}

/** A release that can still change: what it says, holds, how it is split, what blocks. */
export function DraftView({ release, job }: { release: Release; job: Job | null }) {
  const draft = useDraft(release);
  const asked = useMemo(() => effectAskedBy(draft.form), [draft.form]);
  // While a field cannot be read, the numbers of the last rule that could be stand.
  const last = useRef(asked ?? { settings: release.settings, audience: draft.form.audience });
  if (asked) last.current = asked;
  const settled = useDebounced(last.current, EFFECT_AFTER_MS);
  const effect = useQuery(effectQuery(release.id, settled));
  const locked = isActive(job);
  return (
    <div className={css.parts}>
      {locked ? <Notice>While the job runs, changes cannot be saved.</Notice> : null}
      <About draft={draft} />
      <Section
        id={SELECTION}
        title="Selection"
        help="A rule chooses frames of approved recordings. The next version begins with the same rule."
      >
        <div className={css.selection}>
          <Selection draft={draft} />
          <Effect
            releaseId={release.id}
            query={effect}
            unreadable={asked === null}
            waiting={settled !== last.current || effect.isPlaceholderData}
            consentedOnly={draft.form.consentedOnly}
          />
        </div>
      </Section>
      <Packaging draft={draft} />
      <Splits release={release} draft={draft} effect={effect.data} locked={locked} />
      <Gate
        release={release}
        draft={draft}
        job={job}
        selected={effect.isPlaceholderData ? undefined : effect.data?.frames}
      />
      <Publish release={release} draft={draft} job={job} />
      <SavingBar draft={draft} locked={locked} />
      <Leaving dirty={draft.dirty} />
    </div>
  );
}
