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
import { NO_CHOICES, toLookAt } from './look/choices';
import { LookSection } from './look/LookSection';
import { type LookFiles, useFirstPass } from './look/useFirstPass';
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

/** The uploads to look through, once all of them have arrived; null before. */
function useLookFiles(draft: Draft): LookFiles | null {
  const items = useUploads((s) => s.items);
  if (draft.kind !== 'labels' || !filesOf(draft).length) return null;
  const idsOf = (keys: readonly string[]) =>
    keys.flatMap((key) => (items[key]?.state === 'done' ? (items[key].uploadId ?? []) : []));
  const files = { images: idsOf(draft.images), labels: idsOf(draft.labels) };
  const arrived = files.images.length + files.labels.length;
  return arrived === filesOf(draft).length ? files : null;
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
  const [choices, setChoices] = useState(NO_CHOICES);
  /** Whether the person had the first pass before their eyes when they asked for the import. */
  const [looked, setLooked] = useState(false);
  const [mustLook, setMustLook] = useState(false);
  const totals = useUploadTotals(draft);
  const { seen, current, problem } = useInspection(draft);
  /** Why it did not begin by itself although it was asked to. */
  const [doubt, setDoubt] = useState<string | null>(null);
  const video = draft.kind === 'video';
  const faults = faultsOf(draft);
  const faulty = Object.keys(faults).length > 0;
  const change = (next: Partial<Draft>) => setDraft((now) => ({ ...now, ...next }));

  useEffect(() => saveDraft(draft), [draft]);

  const labelled = draft.kind === 'labels';
  const look = useFirstPass(useLookFiles(draft), choices);
  const known = !labelled || (look.report !== null && !look.running && !look.error);
  const open = labelled && look.report && !looked ? toLookAt(look.report, choices) : [];
  const refused = labelled && (look.error !== null || Boolean(look.report?.refused));

  // Choices belong to the labels that they were made for.
  const labelFiles = draft.labels.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file begins anew
  useEffect(() => {
    setChoices(NO_CHOICES);
    setLooked(false);
    setMustLook(false);
  }, [labelFiles]);

  const send = () => {
    const { items } = useUploads.getState();
    const idOf = (key: string) => items[key]?.uploadId ?? 0;
    start.mutate(toRequest(draft, idOf, { seen, choices }), {
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
  const form = useRef<HTMLFormElement>(null);
  const arrived = armed && !faulty && totals.unfinished === 0 && understood && (known || refused);
  // biome-ignore lint/correctness/useExhaustiveDependencies: decides once, when all is known
  useEffect(() => {
    if (!arrived) return;
    setArmed(false);
    const why = video && seen ? doubtOf(seen, shown.current || draft.cameras.length > 0) : null;
    setDoubt(why);
    if (why) return;
    if (!refused && !open.length) return send();
    setMustLook(true);
    form.current?.querySelector('#import-3')?.scrollIntoView({ block: 'start' });
  }, [arrived]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setDoubt(null);
    // Whoever presses the button with everything in view has seen what it says.
    shown.current = understood;
    setMustLook(false);
    if (known) setLooked(true);
    if (!faulty) setArmed(true);
    // After the marks are drawn, take the person to the first of them.
    else requestAnimationFrame(() => firstFault(form.current)?.focus());
  };

  const waiting =
    armed && (totals.unfinished > 0 || !understood || !known) && !totals.failed && !problem;
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
        help="They are sent straight away, in pieces. If the connection breaks or the page is closed, choose the same file again: sending continues where it stopped."
      >
        <FilesSection draft={draft} faults={marked} onChange={change} seen={seen} />
      </Section>
      {video ? (
        <>
          <Section
            number={3}
            title="Which frames"
            help="Neighbouring frames look alike. Every tenth frame is a good start for annotation. All cameras are sampled at the same times; steps count the frames of the first."
          >
            <Sampling draft={draft} fault={marked.sampling} onChange={change} />
          </Section>
          <Section number={4} title="What will be imported">
            <Understood seen={seen} problem={problem} />
          </Section>
        </>
      ) : null}
      {labelled ? (
        <Section
          number={3}
          title="What was found"
          help="Nothing is imported yet. What is unclear is left out unless you choose otherwise; the rest is imported."
        >
          <LookSection
            look={look}
            arrived={filesOf(draft).length > 0 && totals.unfinished === 0}
            choices={choices}
            onChange={setChoices}
          />
        </Section>
      ) : null}
      <Section
        number={video ? 5 : labelled ? 4 : 3}
        title="About the recording"
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
        {mustLook && refused ? (
          <Notice tone="error">
            With these choices nothing can be imported; the reasons are above.
          </Notice>
        ) : null}
        {mustLook && !refused && open.length ? (
          <Notice tone="warn">
            Look first at what was found: {open.slice(0, 3).join('; ')}
            {open.length > 3 ? ` and ${open.length - 3} more` : ''}. Then press Import again.
          </Notice>
        ) : null}
        {totals.failed ? (
          <Notice tone="error">One file could not be sent. See above what happened.</Notice>
        ) : null}
        {totals.size > 0 && totals.unfinished > 0 ? (
          <div className={css.totals}>
            <Progress label="All files" done={totals.sent} total={totals.size} />
            <span>
              {formatBytes(totals.sent)} of {formatBytes(totals.size)}
              {waiting ? '. The import starts automatically when everything has arrived.' : ''}
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
          {waiting ? <Button onClick={() => setArmed(false)}>Do not start yet</Button> : null}
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
      description="One recording is one video, or all cameras of one visit."
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
