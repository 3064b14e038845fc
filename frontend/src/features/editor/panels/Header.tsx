import { Link } from '@tanstack/react-router';
import { ArrowLeft, CircleHelp, Command, MessageSquare } from 'lucide-react';
import { count } from '@/shared/lib/format';
import { Badge } from '@/shared/ui/Badge';
import { Button, IconButton } from '@/shared/ui/Button';
import { StageBadge } from '@/shared/ui/StageBadge';
import { Tooltip } from '@/shared/ui/Tooltip';
import { submission } from '../dialogs/submission';
import { ViewSwitch } from '../multiview/ViewSwitch';
import { useEditor, useEditorParts } from '../store/context';
import { ExpectedBar } from '../travel/ExpectedBar';
import css from './header.module.css';
import { SaveState } from './SaveState';

/** Where one is, how far the recording is, whether all is saved, and the way on. */
export function Header() {
  const editor = useEditor();
  const { recording, index, frames, frame, item } = useEditorParts((s) => ({
    recording: s.recording,
    index: s.index,
    frames: s.frames,
    frame: s.frame,
    item: s.frames[s.index] ?? null,
  }));
  const comments = frames.reduce((sum, f) => sum + f.comments, 0);
  const camera = recording.cameras_list.find((c) => c.id === item?.camera_id);
  return (
    <header className={css.header}>
      <Link
        to="/recordings/$recordingId"
        params={{ recordingId: String(recording.id) }}
        className={css.back}
        aria-label={`Back to ${recording.name}`}
        title="Back to the recording"
      >
        <ArrowLeft size={16} />
      </Link>
      <h1 className={css.name}>{recording.name}</h1>
      <span className={css.where}>
        frame <b data-testid="position">{index + 1}</b>/{frames.length.toLocaleString('en')}
      </span>
      {recording.cameras_list.length > 1 && (
        <>
          <span className={css.where}>{camera?.name ?? frame?.doc.camera_name}</span>
          <span className={css.where}>moment {(item?.moment_index ?? 0) + 1}</span>
        </>
      )}
      <ViewSwitch />
      <span className={css.space} />
      <StageBadge stage={recording.stage} />
      <Badge tone="outline">round {recording.round}</Badge>
      {comments > 0 && (
        <Tooltip content="Show only frames with open comments" side="bottom">
          <button
            type="button"
            className={css.comments}
            onClick={() => {
              const { filter } = editor.state;
              editor.walk.setFilter(filter === 'commented' ? 'all' : 'commented');
            }}
          >
            <MessageSquare size={13} aria-hidden />
            {count(comments, 'comment')}
          </button>
        </Tooltip>
      )}
      <span className={css.space} />
      <ExpectedBar />
      <SaveState />
      <IconButton
        label="All commands"
        shortcut="Ctrl K"
        size="sm"
        onClick={() => editor.open('palette')}
      >
        <Command size={15} />
      </IconButton>
      <IconButton label="Keys" shortcut="?" size="sm" onClick={() => editor.open('help')}>
        <CircleHelp size={15} />
      </IconButton>
      <Finish />
    </header>
  );
}

/** The button that hands the recording on, or says why it cannot be yet. */
function Finish() {
  const editor = useEditor();
  const { recording, frames, mode } = useEditorParts((s) => ({
    recording: s.recording,
    frames: s.frames,
    mode: s.mode,
  }));
  if (mode === 'read') return null;
  if (mode !== 'annotate') {
    return (
      <Button variant="primary" size="sm" onClick={() => editor.open('decide')}>
        Return or approve
      </Button>
    );
  }
  const { missing, reason } = submission(recording, frames);
  return (
    <Tooltip
      content={reason ?? 'Hand the recording to an inspector'}
      side="bottom"
      shortcut="Ctrl ⏎"
    >
      <Button
        variant={reason === null ? 'primary' : 'secondary'}
        size="sm"
        aria-disabled={reason !== null}
        onClick={() => {
          const first = missing[0];
          if (reason === null) editor.open('submit');
          else {
            editor.notify(reason, 'warn');
            if (first !== undefined) editor.go(first);
          }
        }}
      >
        Submit
        {missing.length > 0 && <span className={css.left}>{missing.length} left</span>}
      </Button>
    </Tooltip>
  );
}
