import { RadioGroup } from 'radix-ui';
import { Field, Input, Select } from '@/shared/ui';
import { BoardDrawing } from './BoardDrawing';
import css from './BoardFields.module.css';
import { type BoardDraft, type BoardFaults, type Counting, PRESETS, sizeOf } from './board';

interface BoardFieldsProps {
  draft: BoardDraft;
  faults: BoardFaults;
  /** What the size of a square is needed for. */
  squareHelp: string;
  onChange: (draft: BoardDraft) => void;
}

function Preset({ value, title, help }: { value: string; title: string; help: string }) {
  return (
    <RadioGroup.Item value={value} className={css.preset}>
      <strong>{title}</strong>
      <span>{help}</span>
    </RadioGroup.Item>
  );
}

/** Which board was filmed; a drawing shows what is counted. */
export function BoardFields({ draft, faults, squareHelp, onChange }: BoardFieldsProps) {
  const size = sizeOf(draft);
  const choose = (preset: BoardDraft['preset']) => {
    if (preset === 'own') return onChange({ ...draft, preset });
    const { across, down } = PRESETS[preset];
    onChange({ ...draft, preset, counting: 'squares', across: `${across}`, down: `${down}` });
  };
  return (
    <div className={css.board}>
      <div className={css.fields}>
        <RadioGroup.Root
          className={css.presets}
          aria-label="Board"
          value={draft.preset}
          onValueChange={(value) => choose(value as BoardDraft['preset'])}
        >
          <Preset value="small" title={PRESETS.small.title} help={PRESETS.small.help} />
          <Preset value="large" title={PRESETS.large.title} help={PRESETS.large.help} />
          <Preset value="own" title="Another board" help="Any size" />
        </RadioGroup.Root>
        {draft.preset === 'own' ? (
          <div className={css.size}>
            <Field label="I counted">
              {(control) => (
                <Select
                  {...control}
                  value={draft.counting}
                  onChange={(e) => onChange({ ...draft, counting: e.target.value as Counting })}
                >
                  <option value="squares">squares</option>
                  <option value="corners">inner corners</option>
                </Select>
              )}
            </Field>
            <Field label="Across">
              {(control) => (
                <Input
                  {...control}
                  inputMode="numeric"
                  value={draft.across}
                  aria-invalid={faults.size ? true : undefined}
                  onChange={(e) => onChange({ ...draft, across: e.target.value })}
                />
              )}
            </Field>
            <Field label="Down">
              {(control) => (
                <Input
                  {...control}
                  inputMode="numeric"
                  value={draft.down}
                  aria-invalid={faults.size ? true : undefined}
                  onChange={(e) => onChange({ ...draft, down: e.target.value })}
                />
              )}
            </Field>
            {faults.size ? <p className={css.fault}>{faults.size}</p> : null}
          </div>
        ) : null}
        <div className={css.square}>
          <Field label="Side of one square, mm" help={squareHelp} error={faults.square}>
            {(control) => (
              <Input
                {...control}
                inputMode="decimal"
                placeholder="30"
                value={draft.squareMm}
                onChange={(e) => onChange({ ...draft, squareMm: e.target.value })}
              />
            )}
          </Field>
        </div>
      </div>
      {size ? <BoardDrawing columns={size.columns} rows={size.rows} /> : null}
    </div>
  );
}
