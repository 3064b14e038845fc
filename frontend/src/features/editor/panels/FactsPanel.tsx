import { RotateCcw } from 'lucide-react';
import { Slider } from 'radix-ui';
import { DAMAGE_LABELS, REASON_LABELS } from '@/shared/domain/words';
import { IconButton } from '@/shared/ui/Button';
import { useEditor, useEditorParts } from '../store/context';
import { DEFAULT_VIEW } from '../store/state';
import css from './facts.module.css';
import { Panel } from './Panel';
import panels from './panels.module.css';

/** Where this frame comes from, and how it is looked at. */
export function FactsPanel() {
  const editor = useEditor();
  const { doc, item, document, mode } = useEditorParts((s) => ({
    doc: s.frame?.doc ?? null,
    item: s.frames[s.index] ?? null,
    document: s.document,
    mode: s.mode,
  }));
  if (doc === null || item === null) return null;
  const { decision } = document ?? {};
  return (
    <Panel
      title="Frame"
      aside={
        <button type="button" className={panels.link} onClick={() => editor.open('history')}>
          History
        </button>
      }
    >
      <dl className={css.facts}>
        {doc.time_s !== null && (
          <Fact
            name="Time"
            value={`${formatTime(doc.time_s)}${doc.own_time ? '' : ' (not in the file)'}`}
          />
        )}
        {doc.damage !== null && <Fact name="Video" value={DAMAGE_LABELS[doc.damage]} />}
        <Fact name="Camera" value={doc.camera_name} />
        <Fact name="Image" value={`${doc.width} × ${doc.height}`} />
        <Fact name="Sharpness" value={doc.sharpness.toFixed(0)} />
        <Fact name="Brightness" value={doc.mean_luma.toFixed(0)} />
        {decision?.verdict === 'discard' && decision.reason !== null && (
          <Fact name="Discarded" value={decision.text ?? REASON_LABELS[decision.reason]} />
        )}
        {doc.previous !== null && (
          <Fact name="Round before" value={VERDICTS[doc.previous.verdict]} />
        )}
        {mode !== 'inspect' && doc.box?.consistency != null && (
          <Fact name="Mask agrees" value={`${Math.round(doc.box.consistency * 100)}%`} />
        )}
      </dl>
      <Adjust />
    </Panel>
  );
}

const VERDICTS = { undecided: 'undecided', keep: 'kept', discard: 'discarded' } as const;

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function formatTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds % 60).toFixed(3).padStart(6, '0')}`;
}

/** Brightness and contrast of the view; the image itself never changes. */
function Adjust() {
  const editor = useEditor();
  const { brightness, contrast } = useEditorParts((s) => ({
    brightness: s.view.brightness,
    contrast: s.view.contrast,
  }));
  const set = (change: { brightness?: number; contrast?: number }): void =>
    editor.set({ view: { ...editor.state.view, ...change } });
  const plain = brightness === 1 && contrast === 1;
  return (
    <div className={css.adjust}>
      <LookSlider name="Brightness" value={brightness} onChange={(v) => set({ brightness: v })} />
      <LookSlider name="Contrast" value={contrast} onChange={(v) => set({ contrast: v })} />
      <IconButton
        label="As recorded"
        size="sm"
        side="left"
        disabled={plain}
        onClick={() =>
          set({ brightness: DEFAULT_VIEW.brightness, contrast: DEFAULT_VIEW.contrast })
        }
      >
        <RotateCcw size={13} />
      </IconButton>
    </div>
  );
}

function LookSlider({
  name,
  value,
  onChange,
}: {
  name: string;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <div className={css.slider}>
      <span>{name}</span>
      <Slider.Root
        className={css.sliderRoot}
        min={0.4}
        max={2.5}
        step={0.05}
        value={[value]}
        onValueChange={([next]) => onChange(next ?? 1)}
      >
        <Slider.Track className={css.sliderTrack}>
          <Slider.Range className={css.sliderRange} />
        </Slider.Track>
        <Slider.Thumb className={css.sliderThumb} aria-label={name} />
      </Slider.Root>
    </div>
  );
}
