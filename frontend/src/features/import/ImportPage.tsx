import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, Lock } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { forgetFiles, useUploads } from '@/features/uploads/store';
import { errorMessage } from '@/shared/api/problem';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { useImport } from '@/shared/api/queries/recordings';
import { formatBytes } from '@/shared/lib/format';
import { Button, EmptyState, Notice, Progress } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { doubtOf } from './cameras';
import {
  clearDraft,
  type Draft,
  faultsOf,
  filesOf,
  loadDraft,
  saveDraft,
  toRequest,
} from './draft';
import { Facts } from './Facts';
import { FilesSection } from './FilesSection';
import css from './ImportPage.module.css';
import { KindChoice } from './KindChoice';
import { Sampling } from './Sampling';
import { Section } from './Section';
import { Understood } from './Understood';
import { useInspection } from './useInspection';

/** Sums of all files of the draft. */
function useUploadTotals(draft: Draft) {
  const items = useUploads((s) => s.items);
  const files = filesOf(draft).flatMap((key) => items[key] ?? []);
  return {
    sent: files.reduce((sum, f) => sum + f.sent, 0),
    size: files.reduce((sum, f) => sum + f.file.size, 0),
    unfinished: files.filter((f) => f.state !== 'done').length,
    failed: files.some((f) => f.state === 'failed'),
  };
}

function firstFault(form: HTMLFormElement | null): HTMLElement | null {
  return form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-fault] button') ?? null;
}

function ImportForm() {
  const navigate = useNavigate();
  const start = useImport();
  const [draft, setDraft] = useState(loadDraft);
  const [tried, setTried] = useState(false);
  const shown = useRef(false);
  /** Asked for while files are still on their way: begins by itself when they have arrived. */
  const [armed, setArmed] = useState(false);
  const totals = useUploadTotals(draft);
  const { seen, current, problem } = useInspection(draft);
  /** Why it did not begin by itself although it was asked to. */
  const [doubt, setDoubt] = useState<string | null>(null);
  const video = draft.kind === 'video';
  const faults = faultsOf(draft);
  const faulty = Object.keys(faults).length > 0;
  const change = (next: Partial<Draft>) => setDraft((now) => ({ ...now, ...next }));

  useEffect(() => saveDraft(draft), [draft]);

  const send = () => {
    const { items } = useUploads.getState();
    const idOf = (key: string) => items[key]?.uploadId ?? 0;
    start.mutate(toRequest(draft, idOf, seen), {
      onSuccess: ({ recording, job }) => {
        forgetFiles(filesOf(draft));
        clearDraft();
        void navigate({
          to: '/recordings/$recordingId',
          params: { recordingId: String(recording.id) },
          search: { job: job.id },
        });
      },
    });
  };

  const understood = !video || (current && seen?.ready === true);
  const ready = armed && !faulty && totals.unfinished === 0 && understood;
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins once, when the files are there
  useEffect(() => {
    if (!ready) return;
    setArmed(false);
    const why = video && seen ? doubtOf(seen, shown.current || draft.cameras.length > 0) : null;
    setDoubt(why);
    if (!why) send();
  }, [ready]);

  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setDoubt(null);
    // Whoever presses the button with everything in view has seen what it says.
    shown.current = understood;
    if (!faulty) setArmed(true);
    // After the marks are drawn, take the person to the first of them.
    else requestAnimationFrame(() => firstFault(form.current)?.focus());
  };

  const waiting = armed && (totals.unfinished > 0 || !understood) && !totals.failed && !problem;
  const waitingWords = totals.unfinished > 0 ? 'Waiting for the files' : 'Looking at the files';
  const marked = tried ? faults : {};
  return (
    <form ref={form} onSubmit={submit} noValidate className={css.form}>
      <Section number={1} title="What do you have?">
        <KindChoice kind={draft.kind} onChange={(kind) => change({ kind })} />
      </Section>
      <Section
        number={2}
        title="Files"
        help="They are sent at once and in pieces. If the connection breaks or the page is closed, choose the same file again: sending goes on where it stopped."
      >
        <FilesSection draft={draft} faults={marked} onChange={change} seen={seen} />
      </Section>
      {video ? (
        <>
          <Section
            number={3}
            title="Which frames"
            help="Neighbouring frames look alike. Every tenth frame is a good start for annotation. Several cameras give frames of the same instants; steps count the frames of the first."
          >
            <Sampling draft={draft} fault={marked.sampling} onChange={change} />
          </Section>
          <Section number={4} title="What will be imported">
            <Understood seen={seen} problem={problem} />
          </Section>
        </>
      ) : null}
      <Section
        number={video ? 5 : 3}
        title="About the session"
        help="These facts travel with every frame. Never write a real name of a child."
      >
        <Facts draft={draft} faults={marked} onChange={change} />
      </Section>
      <footer className={css.footer}>
        {start.error ? <Notice tone="error">{errorMessage(start.error)}</Notice> : null}
        {tried && faulty ? (
          <Notice tone="warn">Some things are still missing; they are marked above.</Notice>
        ) : null}
        {doubt ? <Notice tone="warn">{doubt}</Notice> : null}
        {totals.failed ? (
          <Notice tone="error">One file could not be sent. See above what happened.</Notice>
        ) : null}
        {totals.size > 0 && totals.unfinished > 0 ? (
          <div className={css.totals}>
            <Progress label="All files" done={totals.sent} total={totals.size} />
            <span>
              {formatBytes(totals.sent)} of {formatBytes(totals.size)}
              {waiting ? '. The import begins by itself when everything has arrived.' : ''}
            </span>
          </div>
        ) : null}
        <div className={css.buttons}>
          <Button
            type="submit"
            variant="primary"
            busy={start.isPending || waiting}
            disabled={totals.failed}
          >
            {waiting ? waitingWords : 'Import'}
          </Button>
          {waiting ? <Button onClick={() => setArmed(false)}>Do not begin yet</Button> : null}
        </div>
      </footer>
    </form>
  );
}

export default function ImportPage() {
  const allowed = isMaintainer(useMe());
  return (
    <Page
      narrow
      title="Import a recording"
      description="One recording is one session: one video, or all cameras of one visit."
      back={
        <Link to="/recordings">
          <ChevronLeft size={14} aria-hidden />
          Recordings
        </Link>
      }
    >
      {allowed ? (
        <ImportForm />
      ) : (
        <EmptyState icon={<Lock size={20} />} title="Only maintainers import recordings">
          Ask a maintainer of your team, or an administrator for that role.
        </EmptyState>
      )}
    </Page>
  );
}
