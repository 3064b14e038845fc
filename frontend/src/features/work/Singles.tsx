import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GraduationCap, Layers } from 'lucide-react';
import { waitingQuery } from '@/shared/api/queries/quality';
import { count } from '@/shared/lib/format';
import { buttonClass } from '@/shared/ui';
import css from './WorkPage.module.css';

/** The training of a newcomer, and single frames of other recordings. */
export function Singles() {
  const { data } = useQuery(waitingQuery);
  if (!data) return null;
  return (
    <>
      {data.training_required ? (
        <section className={css.queue} aria-labelledby="training-title">
          <GraduationCap size={20} aria-hidden />
          <div>
            <h2 id="training-title">Your training comes first</h2>
            <p>
              You correct frames whose answer is known, and see after each how far you were.
              Recordings are given to you once you have reached the standard.
            </p>
          </div>
          <Link to="/training" className={buttonClass({ variant: 'primary' })}>
            Train
          </Link>
        </section>
      ) : null}
      {data.single_frames > 0 ? (
        <section className={css.queue} aria-labelledby="singles-title">
          <Layers size={20} aria-hidden />
          <div>
            <h2 id="singles-title">{count(data.single_frames, 'single frame')} to annotate</h2>
            <p>
              Of other recordings, with the model’s proposal alone. Some are annotated by two
              people, of some the answer is known: that is how the quality of the data is measured.
            </p>
          </div>
          <Link to="/single-frames" className={buttonClass()}>
            Open
          </Link>
        </section>
      ) : null}
    </>
  );
}
