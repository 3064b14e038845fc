import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Layers } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import { meQuery } from '@/shared/api/queries/accounts';
import { queryClient } from '@/shared/api/queryClient';
import type { Me } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { buttonClass } from '@/shared/ui/Button';
import { PagePending } from '@/shared/ui/fallbacks';
import { EmptyState, ErrorState } from '@/shared/ui/States';
import { useDark } from '../page/useDark';
import { Bare } from './Bare';
import { HandIn, SinglesScreen } from './SinglesScreen';
import { handIn, type SingleFrame, takeStack } from './transport';
import { useSingles } from './useSingles';

/** Frames that a person annotates alone: gold frames and second annotations look the same. */
export default function SinglesRoute() {
  useDark();
  const { data: me } = useQuery(meQuery);
  const [frames, setFrames] = useState<readonly SingleFrame[] | null>(null);
  const [done, setDone] = useState(0);
  const [fault, setFault] = useState<unknown>(null);
  const load = useCallback(() => {
    setFault(null);
    setFrames(null);
    takeStack().then(({ frames: given }) => setFrames(given), setFault);
  }, []);
  useEffect(load, [load]);

  if (fault !== null) {
    return (
      <Bare title="Single frames">
        <ErrorState title="The frames could not be read" error={fault} onRetry={load} />
      </Bare>
    );
  }
  if (frames === null || !me) return <PagePending />;
  if (frames.length === 0) {
    return (
      <Bare title="Single frames">
        <EmptyState
          icon={<Layers size={20} />}
          title={done > 0 ? `${count(done, 'frame')} handed in` : 'No single frames now'}
          actions={
            <Link to="/" className={buttonClass({ variant: 'primary' })}>
              Back to My work
            </Link>
          }
        >
          {done > 0
            ? 'Thank you. Others come as you go on with your recordings.'
            : 'They come as you go on with your recordings, and then stand in My work.'}
        </EmptyState>
      </Bare>
    );
  }
  return (
    <Opened
      key={frames.map(({ id }) => id).join()}
      me={me}
      frames={frames}
      onDone={(n) => {
        setDone(done + n);
        void queryClient.invalidateQueries({ queryKey: keys.waiting });
        load();
      }}
    />
  );
}

interface OpenedProps {
  me: Me;
  frames: readonly SingleFrame[];
  onDone: (frames: number) => void;
}

function Opened({ me, frames, onDone }: OpenedProps) {
  const editor = useSingles(me, frames);
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  if (editor === null) return <PagePending />;
  const finish = async (): Promise<void> => {
    setBusy(true);
    try {
      await editor.queue.drained();
      for (const { id } of editor.state.frames) await handIn(id);
      if (alive.current) onDone(editor.state.frames.length);
    } catch (error) {
      editor.notify(`Not handed in yet: ${errorMessage(error)}`, 'warn');
    }
    if (alive.current) setBusy(false);
  };
  return (
    <SinglesScreen
      editor={editor}
      title="Single frames"
      finish={<HandIn busy={busy} onHandIn={() => void finish()} />}
    />
  );
}
