import { Check, ClipboardPaste, Plus, X } from 'lucide-react';
import type { ClipboardEvent } from 'react';
import { Button, cx, IconButton } from '@/shared/ui';
import type { NamedCamera } from './distribute';
import css from './PointsTable.module.css';
import { newRow, type PointRow, parsePoints, titleOf, xyzOf } from './points';

interface PointsTableProps {
  rows: PointRow[];
  cameras: readonly NamedCamera[];
  selected: number;
  onSelect: (index: number) => void;
  onChange: (rows: PointRow[]) => void;
  onPaste: () => void;
}

const AXES = ['X', 'Y', 'Z'] as const;

/** Positions as they were measured, and in which pictures each point was clicked. */
export function PointsTable(props: PointsTableProps) {
  const { rows, cameras, selected, onSelect, onChange } = props;
  const change = (index: number, part: Partial<PointRow>) =>
    onChange(rows.map((row, i) => (i === index ? { ...row, ...part } : row)));
  // Cells of a spreadsheet become rows, wherever they are pasted.
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const { points } = parsePoints(text);
    const blank = (row: PointRow) => !row.name && row.xyz.every((cell) => !cell);
    onChange([...rows.filter((r) => !blank(r)), ...points.map((p) => newRow(p.name, p.xyz))]);
  };
  return (
    <div className={css.points} onPaste={paste}>
      <div className={css.scroll}>
        <table className={css.table} aria-label="Points">
          <thead>
            <tr>
              <th scope="col">Point</th>
              {AXES.map((axis) => (
                <th key={axis} scope="col">
                  {axis}, m
                </th>
              ))}
              <th scope="col">
                <span className="visually-hidden">Clicked in</span>
              </th>
              <th scope="col">
                <span className="visually-hidden">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const title = titleOf(row, index);
              const wrong = row.xyz.some((cell) => cell) && !xyzOf(row);
              return (
                <tr
                  key={row.key}
                  className={cx(index === selected && css.chosen)}
                  aria-current={index === selected || undefined}
                  onFocus={() => onSelect(index)}
                  onClick={() => onSelect(index)}
                >
                  <td>
                    <input
                      aria-label={`Name of point ${index + 1}`}
                      placeholder={`Point ${index + 1}`}
                      value={row.name}
                      onChange={(e) => change(index, { name: e.target.value })}
                    />
                  </td>
                  {AXES.map((axis, a) => (
                    <td key={axis}>
                      <input
                        className={css.number}
                        inputMode="decimal"
                        aria-label={`${axis} of ${title}`}
                        aria-invalid={wrong || undefined}
                        value={row.xyz[a]}
                        onChange={(e) => {
                          const xyz = [...row.xyz] as PointRow['xyz'];
                          xyz[a] = e.target.value;
                          change(index, { xyz });
                        }}
                      />
                    </td>
                  ))}
                  <td>
                    <Seen row={row} cameras={cameras} />
                  </td>
                  <td>
                    <IconButton
                      label={`Remove ${title}`}
                      size="sm"
                      onClick={(event) => {
                        event.stopPropagation();
                        onChange(rows.filter((_, i) => i !== index));
                      }}
                    >
                      <X size={14} />
                    </IconButton>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div className={css.buttons}>
        <Button
          size="sm"
          icon={<Plus size={14} aria-hidden />}
          onClick={() => {
            onChange([...rows, newRow()]);
            onSelect(rows.length);
          }}
        >
          Add a point
        </Button>
        <Button size="sm" icon={<ClipboardPaste size={14} aria-hidden />} onClick={props.onPaste}>
          Paste from a spreadsheet
        </Button>
      </div>
    </div>
  );
}

function Seen({ row, cameras }: { row: PointRow; cameras: readonly NamedCamera[] }) {
  const names = cameras.filter((c) => row.seen[c.id]).map((c) => c.name);
  const words = names.length ? `Clicked in ${names.join(', ')}` : 'Not clicked yet';
  return (
    <span className={css.seen} role="img" aria-label={words} title={words}>
      {cameras.map((camera) => (
        <i key={camera.id} className={cx(row.seen[camera.id] && css.there)}>
          {row.seen[camera.id] ? <Check size={9} strokeWidth={4} aria-hidden /> : null}
        </i>
      ))}
    </span>
  );
}
