import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GraduationCap } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import { meQuery } from '@/shared/api/queries/accounts';
import { queryClient } from '@/shared/api/queryClient';
import type { Me } from '@/shared/api/types';
import { count, percent } from '@/shared/lib/format';
import { Button, buttonClass } from '@/shared/ui/Button';
import { PagePending } from '@/shared/ui/fallbacks';
import { EmptyState, ErrorState } from '@/shared/ui/States';
import { useDark } from '../page/useDark';
import type { Editor } from '../store/Editor';
import { Bare } from './Bare';
import { Feedback, Progress } from './Feedback';
import { SinglesScreen } from './SinglesScreen';
import css from './singles.module.css';
import {
  handIn,
  type SingleFrame,
  type Feedback as Told,
  type Training,
  takeTraining,
} from './transport';
import { useSingles } from './useSingles';

const AGAIN_MS = 3000;

/** A newcomer works through frames whose answer is known, and sees after each how far they were. */
export default function TrainingRoute() {
  useDark();
  const { data: me } = useQuery(meQuery);
  const [training, setTraining] = useState<Training | null>(null);
  const [begun, setBegun] = useState(false);
  const [passedNow, setPassedNow] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const load = useCallback(() => {
    setFault(null);
    takeTraining().then(setTraining, setFault);
  }, []);
  useEffect(load, [load]);

  if (fault !== null) {
    return (
      <Bare title="Training">
        <ErrorState title="The training could not be read" error={fault} onRetry={load} />
      </Bare>
    );
  }
  if (training === null || !me) return <PagePending />;
  const { frame } = training;
  if (passedNow) {
    return (
      <Bare title="Training">
        <EmptyState
          icon={<GraduationCap size={20} />}
          title="You reached the standard"
          actions={
            <Link to="/" className={buttonClass({ variant: 'primary' })}>
              Go to My work
            </Link>
          }
        >
          It is recorded. You can come back and train whenever you like.
        </EmptyState>
      </Bare>
    );
  }
  if (frame === null) {
    return (
      <Bare title="Training">
        <EmptyState icon={<GraduationCap size={20} />} title="There are no training frames for you">
          A maintainer chooses them under Quality, from recordings in which you have no part.
        </EmptyState>
      </Bare>
    );
  }
  if (!begun) return <Welcome training={training} onBegin={() => setBegun(true)} />;
  return (
    <Opened
      key={frame.id}
      me={me}
      frame={frame}
      training={training}
      onNext={(told) => {
        if (told?.passed && training.passed_at === null) {
          void queryClient.invalidateQueries({ queryKey: keys.waiting });
          void queryClient.invalidateQueries({ queryKey: keys.work });
          setPassedNow(true);
        } else load();
      }}
    />
  );
}

function Welcome({ training, onBegin }: { training: Training; onBegin: () => void }) {
  return (
    <Bare title="Training">
      <div className={css.card}>
        <h2>Training</h2>
        <p>
          You correct frames whose answer is known, as you would any other. After each you see how
          far every joint was, and whether its visibility is the same. Nothing of it gets into the
          data.
        </p>
        <p>
          The standard: over your last {count(training.standing.of, 'frame')}, a similarity (OKS) of{' '}
          {training.min_oks.toFixed(2)} and the same visibility for{' '}
          {percent(training.min_visibility)} of the joints.
          {training.passed_at !== null && ' You have reached it already.'}
          {training.passed_at === null &&
            training.required &&
            ' Recordings are given to you once you have reached it.'}
        </p>
        <Progress training={training} />
        <div className={css.actions}>
          <Button variant="primary" onClick={onBegin} autoFocus>
            {training.standing.frames > 0 ? 'Go on' : 'Begin'}
          </Button>
          <Link to="/" className={buttonClass()}>
            Back to My work
          </Link>
        </div>
      </div>
    </Bare>
  );
}

interface OpenedProps {
  me: Me;
  frame: SingleFrame;
  training: Training;
  onNext: (told: Told | null) => void;
}

function Opened({ me, frame, training, onNext }: OpenedProps) {
  const editor = useSingles(me, [frame]);
  const [told, setTold] = useState<Told | null>(null);
  const [closed, setClosed] = useState(false);
  const [next, setNext] = useState(false);

  useEffect(() => {
    if (editor === null) return;
    let asked = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      if (asked || editor.item?.state === 'undecided' || editor.item === null) return;
      asked = true;
      compare(editor, frame.id).then(
        (found) => {
          setTold(found);
          setClosed(true);
        },
        (error: unknown) => {
          editor.notify(`Not compared yet: ${errorMessage(error)}`, 'warn');
          timer = setTimeout(() => {
            asked = false;
            look();
          }, AGAIN_MS);
        },
      );
    };
    const stop = editor.store.api.subscribe(look);
    look();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [editor, frame.id]);

  if (editor === null) return <PagePending />;
  const go = (): void => {
    setNext(true);
    onNext(told);
  };
  return (
    <SinglesScreen
      editor={editor}
      title={training.lap > 1 ? `Training, round ${training.lap}` : 'Training'}
      finish={
        closed ? (
          <Button variant="primary" size="sm" onClick={go} busy={next}>
            Next
          </Button>
        ) : null
      }
      aside={
        told === null ? null : <Feedback told={told} training={training} onNext={go} busy={next} />
      }
    />
  );
}

/** Hand the frame in, and draw the known answer behind what the person made of it. */
async function compare(editor: Editor, id: number): Promise<Told | null> {
  await editor.queue.drained();
  const { feedback } = await handIn(id);
  editor.tools.finish();
  editor.set({ mode: 'read', selected: null, notice: null });
  if (feedback !== null && feedback !== undefined) {
    editor.frames.patch(id, (doc) => ({
      ...doc,
      previous: {
        joints: feedback.known_joints,
        verdict: feedback.known_verdict,
        reason: feedback.known_reason,
        reason_text: null,
        round: 0,
      },
    }));
    editor.set({ view: { ...editor.state.view, ghost: 'round', overlay: true } });
  }
  return feedback ?? null;
}
