import { Check, ChevronDown, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from '@/shared/ui';
import css from './Step.module.css';

interface StepProps {
  number: number;
  title: string;
  /** One line: what is known, or what to do. */
  summary: ReactNode;
  done: boolean;
  /** Something here needs a look. */
  alarm?: boolean;
  open: boolean;
  onToggle: (open: boolean) => void;
  children: ReactNode;
}

/** One step of the way; finished ones fold away and can be opened again. */
export function Step({ number, title, summary, done, alarm, open, onToggle, children }: StepProps) {
  const id = useId();
  return (
    <section className={css.step} aria-label={title}>
      <h2>
        <button
          type="button"
          className={css.head}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onToggle(!open)}
        >
          <span className={cx(css.number, done && css.done, alarm && css.alarm)} aria-hidden>
            {alarm ? <TriangleAlert size={14} /> : done ? <Check size={14} /> : number}
          </span>
          <span className={css.title}>
            {title}
            <small>{summary}</small>
          </span>
          <ChevronDown size={16} aria-hidden className={cx(css.arrow, open && css.up)} />
        </button>
      </h2>
      <div id={id} className={css.body} hidden={!open}>
        {open ? children : null}
      </div>
    </section>
  );
}
