import { RadioGroup } from 'radix-ui';
import { Field, Input, Select } from '@/shared/ui';
import { BoardDrawing } from './BoardDrawing';
import css from './BoardFields.module.css';
import {
  type BoardDraft,
  type BoardFaults,
  type BoardKind,
  type Counting,
  DICTIONARIES,
  hasMarkers,
  KINDS,
  PRESETS,
  sizeOf,
} from './board';

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

const KIND_HELP =
  'Boards with markers may be seen in part, and several can be filmed at once. All can be printed with: infantnet tools board.';

/** What is printed between the squares. */
function MarkerFields({ draft, faults, onChange }: Omit<BoardFieldsProps, 'squareHelp'>) {
  return (
    <div className={css.size}>
      <Field label="Set of markers">
        {(control) => (
          <Select
            {...control}
            value={draft.dictionary}
            onChange={(e) => onChange({ ...draft, dictionary: e.target.value })}
          >
            {DICTIONARIES.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Side of a marker, mm" error={faults.marker}>
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            placeholder="22"
            value={draft.markerMm}
            onChange={(e) => onChange({ ...draft, markerMm: e.target.value })}
          />
        )}
      </Field>
      <Field label="First number" error={faults.first}>
        {(control) => (
          <Input
            {...control}
            title="Of several boards the first number of each, such as 0, 24"
            value={draft.firstIds}
            onChange={(e) => onChange({ ...draft, firstIds: e.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

/** Which board was filmed; a drawing shows what is counted. */
export function BoardFields({ draft, faults, squareHelp, onChange }: BoardFieldsProps) {
  const size = sizeOf(draft);
  const chooseKind = (kind: BoardKind) =>
    onChange({
      ...draft,
      kind,
      dictionary: kind === 'aprilgrid' ? 'APRILTAG_36H11' : '4X4_100',
    });
  const choose = (preset: BoardDraft['preset']) => {
    if (preset === 'own') return onChange({ ...draft, preset });
    const { across, down } = PRESETS[preset];
    onChange({
      ...draft,
      preset,
      kind: 'chessboard',
      counting: 'squares',
      across: `${across}`,
      down: `${down}`,
    });
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
          <Preset value="own" title="Another board" help="Any kind and size" />
        </RadioGroup.Root>
        {draft.preset === 'own' ? (
          <Field label="Kind of board" help={KIND_HELP}>
            {(control) => (
              <Select
                {...control}
                value={draft.kind}
                onChange={(e) => chooseKind(e.target.value as BoardKind)}
              >
                {Object.entries(KINDS).map(([kind, { title }]) => (
                  <option key={kind} value={kind}>
                    {title}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        {draft.preset === 'own' ? (
          <div className={css.size}>
            <Field label="I counted">
              {(control) =>
                hasMarkers(draft) ? (
                  <Select {...control} disabled value="counted">
                    <option value="counted">{KINDS[draft.kind].counted}</option>
                  </Select>
                ) : (
                  <Select
                    {...control}
                    value={draft.counting}
                    onChange={(e) => onChange({ ...draft, counting: e.target.value as Counting })}
                  >
                    <option value="squares">squares</option>
                    <option value="corners">inner corners</option>
                  </Select>
                )
              }
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
          <Field label={KINDS[draft.kind].square} help={squareHelp} error={faults.square}>
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
        {hasMarkers(draft) ? (
          <MarkerFields draft={draft} faults={faults} onChange={onChange} />
        ) : null}
      </div>
      {size ? <BoardDrawing kind={draft.kind} columns={size.columns} rows={size.rows} /> : null}
    </div>
  );
}
