import { Link } from '@tanstack/react-router';
import { Download, Ellipsis, Eye, FileUp, PenLine, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useOpenEditor } from '@/features/recordings/parts/useOpenEditor';
import type { RecordingDetail } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import { BY_HAND_HELP, BY_HAND_LABEL, EVENT_LABELS } from '@/shared/domain/words';
import { Button, buttonClass, IconButton, Menu, MenuItem } from '@/shared/ui';
import { EventDialog } from './EventDialog';
import { PostureImportDialog } from './PostureImportDialog';
import { UndoDialog } from './UndoDialog';

/** What the editor is for, for this person in this stage. */
function editorLabel({ can, stage, counts }: RecordingDetail): string {
  if (can.edit && stage === 'returned') return 'Revise frames';
  if (can.edit && stage === 'boxes_returned') return 'Revise boxes';
  if (can.edit) return counts.undecided ? 'Continue annotating' : 'Look at frames';
  if (can.review) return 'Inspect frames';
  if (can.review_boxes) return 'Check boxes';
  return 'Look at frames';
}

/** Whether this person still has frames to look at before the next step. */
function workLeft({ can, stage, counts, boxes, to_revise }: RecordingDetail): boolean {
  if (can.review || can.review_boxes) return true;
  if (!can.edit) return false;
  if (stage === 'boxes_returned') return boxes.sent_back > 0;
  return counts.undecided > 0 || (stage === 'returned' && to_revise > 0);
}

/** Events that take the work a step on; the others stand beside them or in the menu. */
const FORWARD: readonly Event[] = [
  'start_annotating',
  'submit',
  'approve_keypoints',
  'start_box_review',
  'submit_boxes',
  'approve',
];
const RARE: readonly Event[] = ['reopen'];

export function EventButtons({ recording }: { recording: RecordingDetail }) {
  const open = useOpenEditor();
  const [asked, setAsked] = useState<Event | null>(null);
  const [byHand, setByHand] = useState(false);
  const [undoing, setUndoing] = useState(false);
  const [withPostures, setWithPostures] = useState(false);
  const { can, stage } = recording;
  const events = recording.allowed_events.concat(
    can.claim && !recording.allowed_events.includes('start_annotating') ? ['start_annotating'] : [],
  );
  const shown = events.filter((e) => !RARE.includes(e));
  const rare = events.filter((e) => RARE.includes(e));
  const left = workLeft(recording);
  // One primary button: the work itself while some is left, else the step that follows.
  const forward =
    stage === 'ingested' && shown.includes('prelabel')
      ? 'prelabel'
      : shown.find((e) => FORWARD.includes(e));
  const primary = left ? 'editor' : (forward ?? shown[0] ?? null);
  // It stands last, where eyes and hands look for it on every page.
  const inOrder = shown.toSorted((a, b) => Number(a === primary) - Number(b === primary));
  const toEditor =
    recording.frames > 0 ? (
      <Button
        variant={primary === 'editor' ? 'primary' : 'secondary'}
        icon={can.edit ? <PenLine size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
        onClick={() => void open(recording)}
      >
        {editorLabel(recording)}
      </Button>
    ) : null;

  return (
    <>
      {rare.length || can.manage ? (
        <Menu
          align="end"
          trigger={
            <IconButton label="More" variant="ghost">
              <Ellipsis size={16} />
            </IconButton>
          }
        >
          {rare.map((event) => (
            <MenuItem key={event} onSelect={() => setAsked(event)}>
              {EVENT_LABELS[event]}…
            </MenuItem>
          ))}
          {can.manage && recording.frames > 0 ? (
            <MenuItem icon={<FileUp size={14} />} onSelect={() => setWithPostures(true)}>
              Import postures…
            </MenuItem>
          ) : null}
          {can.manage ? (
            <MenuItem danger icon={<Undo2 size={14} />} onSelect={() => setUndoing(true)}>
              Undo the import…
            </MenuItem>
          ) : null}
        </Menu>
      ) : null}
      {primary === 'editor' ? null : toEditor}
      {shown.includes('box') ? (
        <Button title={BY_HAND_HELP} onClick={() => setByHand(true)}>
          {BY_HAND_LABEL}
        </Button>
      ) : null}
      {inOrder.map((event) => (
        <Button
          key={event}
          variant={primary === event ? 'primary' : 'secondary'}
          onClick={() => setAsked(event)}
        >
          {event === 'start_annotating' && can.claim ? 'Take and start' : EVENT_LABELS[event]}
        </Button>
      ))}
      {stage === 'approved' && can.manage ? (
        <Link to="/exports" className={buttonClass({ variant: 'primary' })}>
          <Download size={14} aria-hidden />
          Export
        </Link>
      ) : null}
      {primary === 'editor' ? toEditor : null}
      {asked ? (
        <EventDialog recording={recording} event={asked} onClose={() => setAsked(null)} />
      ) : null}
      {byHand ? (
        <EventDialog recording={recording} event="box" byHand onClose={() => setByHand(false)} />
      ) : null}
      {withPostures ? (
        <PostureImportDialog recording={recording} onClose={() => setWithPostures(false)} />
      ) : null}
      {undoing ? <UndoDialog recording={recording} onClose={() => setUndoing(false)} /> : null}
    </>
  );
}
