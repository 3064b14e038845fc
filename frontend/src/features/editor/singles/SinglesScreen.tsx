import { Link } from '@tanstack/react-router';
import { ArrowLeft, CircleHelp } from 'lucide-react';
import type { ReactNode } from 'react';
import { count } from '@/shared/lib/format';
import { Button, IconButton } from '@/shared/ui/Button';
import { TooltipProvider } from '@/shared/ui/Tooltip';
import { Dialogs } from '../dialogs/Dialogs';
import { Stage } from '../layers/Stage';
import frame from '../panels/frame.module.css';
import { Hints, NoticeLine } from '../panels/Hints';
import header from '../panels/header.module.css';
import { JointsPanel } from '../panels/JointsPanel';
import { LoadState } from '../panels/LoadState';
import { PeoplePanel } from '../panels/PeoplePanel';
import panels from '../panels/panels.module.css';
import { SaveState } from '../panels/SaveState';
import { SuspicionPanel } from '../panels/SuspicionPanel';
import { Toolbar } from '../panels/Toolbar';
import { VerdictPanel } from '../panels/VerdictPanel';
import { useKeyNames, useKeys } from '../personal/useKeys';
import { EditorContext, useEditor, useEditorParts } from '../store/context';
import type { Editor } from '../store/Editor';
import css from './singles.module.css';

interface SinglesScreenProps {
  editor: Editor;
  title: string;
  /** Right in the header: how the work is handed in. */
  finish: ReactNode;
  /** First in the side panel. */
  aside?: ReactNode;
  /** Below the header. */
  banner?: ReactNode;
}

/** The editor's screen over single frames: no filmstrip, nobody's comments, no other cameras. */
export function SinglesScreen({ editor, title, finish, aside, banner }: SinglesScreenProps) {
  useKeys(editor);
  return (
    <TooltipProvider delayDuration={500}>
      <EditorContext value={editor}>
        <div className={frame.editor}>
          <SinglesHeader title={title} finish={finish} />
          {banner}
          <Toolbar />
          <main className={frame.middle}>
            <Stage />
            <LoadState />
            <NoticeLine />
          </main>
          <aside className={panels.side} aria-label="Frame details">
            {aside}
            <VerdictPanel />
            <SuspicionPanel />
            <PeoplePanel />
            <JointsPanel />
          </aside>
          <Hints />
        </div>
        <Dialogs />
      </EditorContext>
    </TooltipProvider>
  );
}

function SinglesHeader({ title, finish }: { title: string; finish: ReactNode }) {
  const editor = useEditor();
  const keyName = useKeyNames();
  return (
    <header className={header.header}>
      <Link to="/" className={header.back} aria-label="Back to My work" title="Back to My work">
        <ArrowLeft size={16} />
      </Link>
      <h1 className={header.name}>{title}</h1>
      <Dots />
      <span className={header.space} />
      <SaveState />
      <IconButton
        label="Keys"
        shortcut={keyName('help')}
        size="sm"
        onClick={() => editor.open('help')}
      >
        <CircleHelp size={15} />
      </IconButton>
      {finish}
    </header>
  );
}

/** One dot a frame: which are decided, and where one is. */
function Dots() {
  const editor = useEditor();
  const { frames, index } = useEditorParts((s) => ({ frames: s.frames, index: s.index }));
  if (frames.length < 2) return null;
  return (
    <nav className={css.dots} aria-label="Frames">
      {frames.map((item, i) => (
        <button
          key={item.id}
          type="button"
          className={css.dot}
          data-state={item.state}
          aria-current={i === index ? 'step' : undefined}
          aria-label={`Frame ${i + 1} of ${frames.length}, ${item.state}`}
          title={`Frame ${i + 1}: ${item.state}`}
          onClick={() => editor.go(i)}
        >
          {i + 1}
        </button>
      ))}
    </nav>
  );
}

interface HandInProps {
  busy: boolean;
  onHandIn: () => void;
}

/** Hands all frames in, once each is decided. */
export function HandIn({ busy, onHandIn }: HandInProps) {
  const editor = useEditor();
  const { frames } = useEditorParts((s) => ({ frames: s.frames }));
  const left = frames.filter(({ state }) => state === 'undecided').length;
  return (
    <Button
      variant={left === 0 ? 'primary' : 'secondary'}
      size="sm"
      busy={busy}
      aria-disabled={left > 0}
      onClick={() => {
        if (left === 0) onHandIn();
        else {
          editor.notify(`${count(left, 'frame')} left to decide.`, 'warn');
          const next = editor.state.frames.findIndex(({ state }) => state === 'undecided');
          if (next >= 0) editor.go(next);
        }
      }}
    >
      Hand in
      {left > 0 && <span className={header.left}>{left} left</span>}
    </Button>
  );
}
