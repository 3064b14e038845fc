import { Link } from '@tanstack/react-router';
import { ArrowLeft, CircleHelp, Command, MessageSquare } from 'lucide-react';
import { STAGE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Badge } from '@/shared/ui/Badge';
import { Button, buttonClass, IconButton } from '@/shared/ui/Button';
import { StageBadge } from '@/shared/ui/StageBadge';
import { Tooltip } from '@/shared/ui/Tooltip';
import { submission } from '../dialogs/submission';
import { nameOf } from '../frames/naming';
import { ViewSwitch } from '../multiview/ViewSwitch';
import { partWords } from '../parts/part';
import { useKeyNames } from '../personal/useKeys';
import { SinglesLink } from '../singles/SinglesLink';
import { useEditor, useEditorParts, useEditorPartsSoon } from '../store/context';
import { ExpectedBar } from '../travel/ExpectedBar';
import css from './header.module.css';
import { SaveState } from './SaveState';

/** Where one is, how far the recording is, whether all is saved, and the way on. */
export function Header() {
  const editor = useEditor();
  const { recording } = useEditorParts((s) => ({ recording: s.recording }));
  const keyName = useKeyNames();
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
      <h1
        className={css.name}
        title={`${recording.name}: ${STAGE_LABELS[recording.stage]}, round ${recording.round}`}
      >
        {recording.name}
      </h1>
      <Where />
      <Part />
      <ViewSwitch />
      <span className={css.space} />
      <span className={css.stage}>
        <StageBadge stage={recording.stage} />
        <Badge tone="outline">round {recording.round}</Badge>
      </span>
      <OpenComments />
      <span className={css.space} />
      <ExpectedBar />
      <SinglesLink />
      <SaveState />
      <IconButton
        label="All commands"
        shortcut={keyName('palette')}
        size="sm"
        onClick={() => editor.open('palette')}
      >
        <Command size={15} />
      </IconButton>
      <IconButton
        label="Keys"
        shortcut={keyName('help')}
        size="sm"
        onClick={() => editor.open('help')}
      >
        <CircleHelp size={15} />
      </IconButton>
      <Finish />
    </header>
  );
}

/** Which frame is on the canvas. */
function Where() {
  const { recording, frames, item } = useEditorParts((s) => ({
    recording: s.recording,
    frames: s.frames,
    item: s.frames[s.index] ?? null,
  }));
  if (item === null) return null;
  const name = nameOf(item, recording, frames);
  return (
    <>
      <span className={css.where}>
        {name.word} <b data-testid="position">{name.number}</b>/{name.of.toLocaleString('en')}
      </span>
      {name.camera !== null && <span className={css.where}>{name.camera.name}</span>}
    </>
  );
}

/** Whose the frames are, where the recording is cut into parts. */
function Part() {
  const { part, recording } = useEditorParts((s) => ({ part: s.part, recording: s.recording }));
  if (part === null) return null;
  return (
    <Badge tone="info" title="Your part: keys stay within it">
      {partWords(part, (recording.cameras_list?.length ?? 0) > 1)}
    </Badge>
  );
}

/** How many open comments there are; leads to their frames. */
function OpenComments() {
  const editor = useEditor();
  const { frames } = useEditorPartsSoon((s) => ({ frames: s.frames }));
  const comments = frames.reduce((sum, f) => sum + f.comments, 0);
  if (comments === 0) return null;
  return (
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
  );
}

/** The button that hands the recording on, or says why it cannot be yet. */
function Finish() {
  const editor = useEditor();
  const { recording, frames, part, mode } = useEditorPartsSoon((s) => ({
    recording: s.recording,
    frames: s.frames,
    part: s.part,
    mode: s.mode,
  }));
  const finishKey = useKeyNames()('finish');
  if (mode === 'read') return null;
  if (mode !== 'annotate') {
    return (
      <>
        {mode === 'inspect' && (
          <Tooltip
            content="Model, annotator and round before side by side; single joints; random samples"
            side="bottom"
          >
            <Link
              to="/recordings/$recordingId/inspect"
              params={{ recordingId: String(recording.id) }}
              className={buttonClass({ size: 'sm' })}
            >
              Compare and sample
            </Link>
          </Tooltip>
        )}
        <Button variant="primary" size="sm" onClick={() => editor.open('decide')}>
          Return or approve
        </Button>
      </>
    );
  }
  const { missing, reason } = submission(recording, frames, part);
  return (
    <Tooltip
      content={
        reason ?? (part === null ? 'Hand the recording to an inspector' : 'Be done with your part')
      }
      side="bottom"
      shortcut={finishKey}
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
        {part === null ? 'Submit' : 'Submit part'}
        {missing.length > 0 && <span className={css.left}>{missing.length} left</span>}
      </Button>
    </Tooltip>
  );
}
