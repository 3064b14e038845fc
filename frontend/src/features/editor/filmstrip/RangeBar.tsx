import { Pause, Play } from 'lucide-react';
import { PLAYBACK_SPEEDS } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { acceptSeen } from '../actions/rangeActions';
import { other } from '../dialogs/RangePopover';
import { useKeyNames } from '../personal/useKeys';
import { framesIn } from '../ranges/marks';
import { usePlayback, useRanges } from '../ranges/useRanges';
import { useEditor, useEditorParts, useEditorPartsSoon } from '../store/context';
import css from './ranges.module.css';

/** The key of an action as this person has it; nothing where it has none. */
function Key({ of }: { of: string }) {
  const name = useKeyNames()(of);
  return name === '' ? null : <Kbd>{name}</Kbd>;
}

/** Above the strip: playback, the marked range or the proposed one, and what was seen. */
export function RangeBar() {
  const mode = useEditorParts((s) => ({ mode: s.mode })).mode;
  if (mode === 'boxes') return null;
  return (
    <div className={css.row} data-testid="ranges">
      <PlayControls />
      {mode === 'annotate' && <Range />}
      {mode === 'annotate' && <Seen />}
    </div>
  );
}

const shown = (key: string): string => (key === '' ? '' : ` (${key})`);

function PlayControls() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const { fps, playing, waiting } = usePlayback((s) => ({
    fps: s.fps,
    playing: s.playing,
    waiting: s.waiting,
  }));
  return (
    <>
      <Button
        size="sm"
        icon={playing === null ? <Play size={13} /> : <Pause size={13} />}
        title={`Play and stop${shown(keyName('play.toggle'))}; held${shown(keyName('play.hold'))} it plays until you let go at what looks wrong`}
        onClick={() => editor.playback.toggle()}
      >
        {playing === null ? 'Play' : 'Stop'}
      </Button>
      <label>
        <span className="visually-hidden">Frames a second</span>
        <select
          className={css.speed}
          value={fps}
          onChange={(event) => {
            editor.playback.setSpeed(Number(event.target.value));
            event.target.blur();
          }}
        >
          {PLAYBACK_SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed} a second
            </option>
          ))}
        </select>
      </label>
      {waiting && <span className={css.words}>waiting for pictures</span>}
    </>
  );
}

function Range() {
  const editor = useEditor();
  const { marks, waiting, proposals, chosen, left } = useRanges((s) => ({
    marks: s.marks,
    waiting: s.waiting.length,
    proposals: s.proposals,
    chosen: s.proposal,
    left: s.left,
  }));
  const { frames, order, cameras } = useEditorPartsSoon((s) => ({
    frames: s.frames,
    order: s.order,
    cameras: s.recording.cameras_list,
  }));
  if (marks.from !== null) {
    const indices = framesIn(marks, frames, order);
    // Positions of several cameras are far apart: their moments say where the range is.
    const several = cameras?.length > 1;
    const numbers = indices.map((i) => {
      const item = frames[i];
      return ((several ? item?.moment_index : item?.position) ?? 0) + 1;
    });
    return (
      <>
        <span className={css.words} data-testid="marked-range">
          <strong>{count(indices.length, 'frame')}</strong> marked
          {numbers.length > 0 &&
            `, ${several ? 'moments ' : ''}${numbers.reduce((a, b) => Math.min(a, b))} to ${numbers.reduce((a, b) => Math.max(a, b))}`}
        </span>
        {several && (
          <Button size="sm" onClick={() => editor.ranges.setScope(other(marks.scope))}>
            {marks.scope === 'moments' ? 'All cameras' : 'This camera only'}
          </Button>
        )}
        <Button size="sm" variant="primary" onClick={() => editor.open('range')}>
          Decide… <Key of="range.decide" />
        </Button>
        <Button size="sm" variant="ghost" onClick={() => editor.ranges.clear()}>
          Forget
        </Button>
      </>
    );
  }
  const open = proposals.filter(({ state }) => state === 'open');
  const at = open.findIndex(({ id }) => id === chosen);
  const proposal = open[at];
  if (proposal !== undefined) {
    const n = editor.ranges.framesOf(proposal).length;
    return (
      <>
        <span className={css.words} title={proposal.words}>
          Proposal {at + 1} of {open.length}: discard <strong>{count(n, 'frame')}</strong>,{' '}
          {REASON_LABELS[proposal.reason].toLowerCase()} ({proposal.words})
        </span>
        <Button size="sm" variant="primary" onClick={() => editor.ranges.takeProposal()}>
          Discard <Key of="proposal.take" />
        </Button>
        <Button size="sm" onClick={() => editor.ranges.refuseProposal()}>
          Refuse <Key of="proposal.refuse" />
        </Button>
        <Button size="sm" variant="ghost" onClick={() => editor.ranges.nextProposal()}>
          Next <Key of="proposal.next" />
        </Button>
      </>
    );
  }
  if (waiting > 0) {
    return <span className={css.words}>{count(waiting, 'range')} on the way to the server</span>;
  }
  if (left !== null) {
    return (
      <span className={css.words} title={left}>
        {left}
      </span>
    );
  }
  return open.length > 0 ? (
    <Button size="sm" variant="ghost" onClick={() => editor.ranges.nextProposal()}>
      {count(open.length, 'range')} proposed to discard <Key of="proposal.next" />
    </Button>
  ) : null;
}

function Seen() {
  const editor = useEditor();
  const seen = usePlayback((s) => s.seen);
  const { frames } = useEditorPartsSoon((s) => ({ frames: s.frames }));
  if (seen.size === 0 || frames.length === 0) return null;
  const n = editor.playback.acceptable.length;
  const doubted = editor.playback.doubted.length;
  if (n + doubted === 0) return null;
  return (
    <span className={css.end}>
      {doubted > 0 && (
        <span className={css.doubted} title="They stay undecided, to be looked at frame by frame">
          {count(doubted, 'frame')} with doubted joints left out
        </span>
      )}
      {n > 0 && (
        <Button size="sm" variant="primary" onClick={() => acceptSeen(editor)}>
          Accept the {count(n, 'frame')} seen <Key of="play.accept" />
        </Button>
      )}
    </span>
  );
}
