import { JOINTS } from '@/shared/domain/rules.gen';
import { formatNumber } from '@/shared/lib/format';
import { Button, Select } from '@/shared/ui';
import { type Category, type Choices, withJoint, withoutJoints } from './choices';
import css from './look.module.css';

const jointWords = (name: string) => name.replaceAll('_', ' ');

interface JointTableProps {
  category: Category;
  choices: Choices;
  onChange: (next: Choices) => void;
}

/** Which joint of the file becomes which of COCO's; each can be changed. */
export function JointTable({ category, choices, onChange }: JointTableProps) {
  const changed = category.key in choices.joints;
  const same = category.table.every(({ joint, coco }) => joint === coco);
  if (!category.table.length || (same && !changed)) return null;
  const used = category.table.filter((j) => j.coco).length;
  return (
    <details className={css.places} open={!category.taken || changed || undefined}>
      <summary>
        Joints: {formatNumber(used)} of {formatNumber(category.table.length)} are used
        {changed ? ', as you mapped them' : ''}
      </summary>
      <table className={css.joints}>
        <thead>
          <tr>
            <th scope="col">In the file</th>
            <th scope="col">Becomes</th>
          </tr>
        </thead>
        <tbody>
          {category.table.map(({ joint, coco }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two joints may have one name
            <tr key={index} className={css.mapped}>
              <td>{joint}</td>
              <td>
                <Select
                  className={css.joint}
                  aria-label={`${joint} becomes`}
                  value={coco ?? ''}
                  onChange={(e) => onChange(withJoint(choices, category, joint, e.target.value))}
                >
                  <option value="">dropped</option>
                  {JOINTS.map((name) => (
                    <option key={name} value={name}>
                      {jointWords(name)}
                    </option>
                  ))}
                </Select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {category.absent.length ? <p>Absent: {category.absent.map(jointWords).join(', ')}.</p> : null}
      {changed ? (
        <Button size="sm" onClick={() => onChange(withoutJoints(choices, category.key))}>
          Map as proposed
        </Button>
      ) : null}
    </details>
  );
}
