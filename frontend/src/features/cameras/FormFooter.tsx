import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { JobProgress } from '@/features/jobs/JobRow';
import { errorMessage } from '@/shared/api/problem';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import { formatBytes } from '@/shared/lib/format';
import { Button, Notice, Progress, toast } from '@/shared/ui';
import css from './FormFooter.module.css';
import type { CalibrationForm } from './useCalibrationForm';

interface FormFooterProps {
  form: CalibrationForm;
  /** Words on the button. */
  act: string;
  /** What is missing, once the button was pressed. */
  fault: string | null;
  onStart: () => void;
  onCancel?: () => void;
}

/** The button of a form, what is on its way, and what became of it. */
export function FormFooter({ form, act, fault, onStart, onCancel }: FormFooterProps) {
  const cancel = useJobAction('cancel');
  const { job } = form;
  return (
    <footer className={css.footer}>
      {fault ? <Notice tone="warn">{fault}</Notice> : null}
      {form.error ? <Notice tone="error">{errorMessage(form.error)}</Notice> : null}
      {job?.state === 'failed' ? (
        <Notice tone="error">
          <strong>That did not work.</strong> {job.error} Your files are kept: correct what is wrong
          and try again.{' '}
          <Link to="/jobs" search={{ log: job.id }}>
            Show the log
          </Link>
        </Notice>
      ) : null}
      {job?.state === 'cancelled' ? <Notice>Stopped. Your files are kept.</Notice> : null}
      {form.failed ? (
        <Notice tone="error">
          A file could not be sent; see above. Try it again or remove it.
        </Notice>
      ) : null}
      {form.unfinished > 0 ? (
        <div className={css.totals}>
          <Progress label="All files" done={form.sent} total={Math.max(1, form.size)} />
          <span>
            {formatBytes(form.sent)} of {formatBytes(form.size)}
            {form.waiting ? '. It starts automatically when everything has arrived.' : ''}
          </span>
        </div>
      ) : null}
      {job && isActive(job) ? (
        <section className={css.job} aria-label="Work in progress">
          <JobProgress job={job} />
          <Button
            size="sm"
            icon={<X size={14} aria-hidden />}
            busy={cancel.isPending || job.cancel_requested}
            onClick={() =>
              cancel.mutate(job.id, {
                onError: (error) => toast.error('The job could not be cancelled', error),
              })
            }
          >
            Cancel
          </Button>
        </section>
      ) : null}
      <div className={css.buttons}>
        <Button
          variant="primary"
          busy={form.busy || form.waiting}
          disabled={form.failed}
          onClick={onStart}
        >
          {form.waiting ? 'Waiting for the files' : act}
        </Button>
        {form.waiting ? <Button onClick={form.hold}>Do not start yet</Button> : null}
        {onCancel && !form.busy ? (
          <Button variant="ghost" onClick={onCancel}>
            Close
          </Button>
        ) : null}
      </div>
    </footer>
  );
}
