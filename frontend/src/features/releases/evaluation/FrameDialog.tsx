import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, ImageOff, PenLine } from 'lucide-react';
import { useState } from 'react';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import {
  buttonClass,
  Cell,
  Checkbox,
  cx,
  Dialog,
  ErrorState,
  HeadCell,
  IconButton,
  SkeletonRows,
  Table,
} from '@/shared/ui';
import css from './Frames.module.css';
import { placeOf, verdictOf } from './frameWords';
import { Legend, Overlay } from './Overlay';
import { distanceOf, windowOf } from './overlay';
import { type BoardFrame, boardFrameQuery, type Evaluation } from './queries';
import { ReportLabel } from './ReportLabel';
import { ERROR_LABELS, formatMeasure } from './words';

interface FrameDialogProps {
  evaluation: Evaluation;
  frameId: number;
  known: BoardFrame | undefined;
  previous: number | undefined;
  next: number | undefined;
  onMove: (frameId: number) => void;
  onClose: () => void;
}

const VIEW_WIDTH = 720;
const RATIO = 4 / 3;

function JointTable({
  frame,
  selected,
  onSelect,
}: {
  frame: BoardFrame;
  selected: number | null;
  onSelect: (joint: number) => void;
}) {
  return (
    <Table className={css.joints}>
      <thead>
        <tr>
          <HeadCell>Joint</HeadCell>
          <HeadCell>Kind</HeadCell>
          <HeadCell numeric>Off, px</HeadCell>
          <HeadCell numeric>Similarity</HeadCell>
        </tr>
      </thead>
      <tbody>
        {JOINTS.map((joint, i) => {
          const similarity = frame.similarity?.[i] ?? null;
          const kind = frame.kinds?.[i] ?? null;
          return (
            <tr key={joint} className={cx(selected === i && css.selected)}>
              <td>
                <button
                  type="button"
                  className={css.pick}
                  aria-pressed={selected === i}
                  onClick={() => onSelect(i)}
                >
                  {JOINT_LABELS[i]}
                </button>
              </td>
              <Cell quiet={kind === 'good' || kind === null}>
                {similarity === null ? 'not labelled' : kind ? ERROR_LABELS[kind] : 'not found'}
              </Cell>
              <Cell numeric>{formatMeasure('AJPE', distanceOf(frame, i))}</Cell>
              <Cell numeric>{formatMeasure('OKS', similarity)}</Cell>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

function Loaded({ frame, evaluation }: { frame: BoardFrame; evaluation: Evaluation }) {
  const [selected, setSelected] = useState<number | null>(frame.worst_joint);
  const [whole, setWhole] = useState(false);
  const [truth, setTruth] = useState(true);
  const [prediction, setPrediction] = useState(true);
  const view = whole
    ? { x: 0, y: 0, width: frame.width, height: frame.height }
    : windowOf(frame, RATIO);
  const joints = evaluation.kind === 'joints';
  return (
    <div className={css.large}>
      <div className={css.stage}>
        <div className={css.canvas}>
          <Overlay
            frame={frame}
            view={view}
            width={VIEW_WIDTH}
            truth={truth}
            prediction={prediction}
            selected={selected}
            label={`${placeOf(frame)}: truth and prediction`}
          />
          {frame.position === null ? (
            <span className={css.gone}>
              <ImageOff size={16} aria-hidden /> The image is gone
            </span>
          ) : null}
        </div>
        <div className={css.looks}>
          <Checkbox checked={truth} onChange={setTruth} label="Truth" />
          {joints ? (
            <Checkbox checked={prediction} onChange={setPrediction} label="Prediction" />
          ) : null}
          <Checkbox checked={whole} onChange={setWhole} label="Whole image" />
          {joints ? <Legend /> : null}
        </div>
        <p className={css.file}>{frame.file_name}</p>
      </div>
      <div className={css.beside}>
        <p className={css.verdict}>
          <strong>{verdictOf(frame, evaluation)}</strong>
          {frame.score === null ? '' : `, score ${frame.score.toFixed(2)}`}
        </p>
        {frame.position === null ? null : (
          <ReportLabel frame={frame} evaluation={evaluation} joint={selected} />
        )}
        {joints ? (
          <JointTable frame={frame} selected={selected} onSelect={setSelected} />
        ) : (
          <ul className={css.measures}>
            {Object.entries(frame.measures).map(([name, value]) => (
              <li key={name}>
                {name} <strong>{formatMeasure(name, value)} mm</strong>
              </li>
            ))}
          </ul>
        )}
        {frame.position === null ? null : (
          <div>
            <Link
              to="/recordings/$recordingId/frames/$frame"
              params={{
                recordingId: String(frame.recording_id),
                frame: frameParam(frame.position),
              }}
              className={buttonClass()}
            >
              <PenLine size={14} aria-hidden />
              Open in the editor
            </Link>
          </div>
        )}
      </div>
    </div>
  );
}

/** One frame, large: where truth and prediction differ, and what to do about it. */
export function FrameDialog(props: FrameDialogProps) {
  const { evaluation, frameId, known, previous, next, onMove, onClose } = props;
  const { data, error, refetch } = useQuery({
    ...boardFrameQuery(evaluation.id, frameId),
    initialData: known,
    staleTime: known ? 30_000 : 0,
  });
  const move = (to: number | undefined) => {
    if (to !== undefined) onMove(to);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={data ? placeOf(data) : 'Frame'}
      description={`${evaluation.model} on ${evaluation.split}${data ? `, rank ${data.rank + 1} from the worst` : ''}`}
      width={1240}
      footer={
        <>
          <IconButton
            label="Frame before"
            disabled={previous === undefined}
            onClick={() => move(previous)}
          >
            <ChevronLeft size={16} />
          </IconButton>
          <IconButton label="Next frame" disabled={next === undefined} onClick={() => move(next)}>
            <ChevronRight size={16} />
          </IconButton>
        </>
      }
    >
      {data ? (
        <Loaded key={data.frame_id} frame={data} evaluation={evaluation} />
      ) : error ? (
        <ErrorState
          title="The frame could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={4} height={96} />
      )}
    </Dialog>
  );
}
