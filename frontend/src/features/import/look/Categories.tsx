import { count, formatNumber } from '@/shared/lib/format';
import { Badge, Field, Select } from '@/shared/ui';
import {
  type Category,
  type Choices,
  canChooseSkeleton,
  type FirstPass,
  withoutPeople,
  withPeople,
} from './choices';
import css from './look.module.css';

interface CategoriesProps {
  report: FirstPass;
  choices: Choices;
  onChange: (next: Choices) => void;
}

const jointWords = (name: string) => name.replaceAll('_', ' ');

/** Which joint of the file becomes which of COCO's. */
function JointTable({ category }: { category: Category }) {
  const same = category.table.every(({ joint, coco }) => joint === coco);
  if (same) return null;
  return (
    <details className={css.places} open={!category.taken || undefined}>
      <summary>
        Joints: {formatNumber(category.table.filter((j) => j.coco).length)} are used
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
            <tr key={index}>
              <td>{joint}</td>
              <td>{coco ? jointWords(coco) : <span className={css.quiet}>dropped</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {category.absent.length ? <p>Absent: {category.absent.map(jointWords).join(', ')}.</p> : null}
    </details>
  );
}

function CategoryRow({
  category,
  infant,
  choices,
  onChange,
}: { category: Category; infant: boolean } & Omit<CategoriesProps, 'report'>) {
  return (
    <li className={css.odd}>
      <div className={css.oddText}>
        <strong>{category.name}</strong>
        <span className={css.oddCount}>{count(category.people, 'person', 'people')}</span>
        {infant ? <Badge tone="ok">proposed as the infant</Badge> : null}
        {category.taken ? null : <Badge tone="warn">left out</Badge>}
        <p>{category.skeleton ?? `${category.joints} joints that are not known here`}</p>
        <JointTable category={category} />
      </div>
      {canChooseSkeleton(category) && category.alternatives.length ? (
        <Select
          className={css.answer}
          aria-label={`Skeleton of ${category.name}`}
          value={choices.skeletons[category.id] ?? ''}
          onChange={(event) => {
            const { [category.id]: _former, ...others } = choices.skeletons;
            const name = event.target.value;
            onChange({ ...choices, skeletons: name ? { ...others, [category.id]: name } : others });
          }}
        >
          <option value="">Choose a skeleton…</option>
          {category.alternatives.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </Select>
      ) : null}
    </li>
  );
}

/** The file's categories: who is the infant, and how other skeletons are taken over. */
export function Categories({ report, choices, onChange }: CategoriesProps) {
  const categories = withPeople(report);
  const jointless = withoutPeople(report);
  if (!categories.length && !jointless.length) return null;
  return (
    <section className={css.block} aria-label="People in the file">
      <h3>People in the file</h3>
      <ul className={css.list}>
        {categories.map((category) => (
          <CategoryRow
            key={category.id}
            category={category}
            infant={category.id === report.infant_category}
            choices={choices}
            onChange={onChange}
          />
        ))}
      </ul>
      {jointless.length ? (
        <p className={css.quiet}>
          Without joints, and left out: {jointless.map(({ name }) => name).join(', ')}.
        </p>
      ) : null}
      {categories.length > 1 ? (
        <Field
          label="The infant is"
          help="Proposed in every frame with one such person. Annotators decide; everybody else stays as other people."
        >
          {(control) => (
            <Select
              {...control}
              value={choices.infant_category ?? 'by-names'}
              onChange={(event) =>
                onChange({
                  ...choices,
                  infant_category: event.target.value === 'by-names' ? null : event.target.value,
                })
              }
            >
              <option value="by-names">as the names suggest</option>
              {categories.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
              <option value="">none of them: whoever is alone in a frame</option>
            </Select>
          )}
        </Field>
      ) : null}
    </section>
  );
}
