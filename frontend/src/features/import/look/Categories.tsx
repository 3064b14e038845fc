import { count } from '@/shared/lib/format';
import { Badge, Field, Select } from '@/shared/ui';
import {
  type Category,
  type Choices,
  canChooseSkeleton,
  type FirstPass,
  type Role,
  type Unclear,
  withoutPeople,
  withPeople,
  withRole,
} from './choices';
import { JointTable } from './JointTable';
import css from './look.module.css';

interface CategoriesProps {
  report: FirstPass;
  choices: Choices;
  onChange: (next: Choices) => void;
}

/** In short, where a category's name does not tell. */
const BY_RULE: Record<Unclear, string> = {
  alone: 'the infant where alone',
  smallest: 'the infant if smallest',
  largest: 'the infant if largest',
  nobody: 'annotators choose',
};

const proposed = (role: Category['role'], unclear: Unclear): string =>
  role === 'infant' ? 'the infant' : role === 'other' ? 'others' : BY_RULE[unclear];

const UNCLEAR: Record<Unclear, string> = {
  alone: 'whoever is alone in a frame; nobody among several',
  smallest: 'the smallest person',
  largest: 'the largest person',
  nobody: 'nobody: annotators choose',
};

function RoleChoice({ category, choices, onChange }: { category: Category } & ChoiceProps) {
  return (
    <Select
      className={css.answer}
      aria-label={`Who is ${category.name}?`}
      value={choices.people[category.id] ?? ''}
      onChange={(event) =>
        onChange(withRole(choices, category.id, (event.target.value || null) as Role | null))
      }
    >
      <option value="">As proposed: {proposed(category.role, choices.unclear)}</option>
      <option value="infant">The infant</option>
      <option value="other">Other people</option>
      <option value="skip">Left out</option>
    </Select>
  );
}

type ChoiceProps = Omit<CategoriesProps, 'report'>;

function SkeletonChoice({ category, choices, onChange }: { category: Category } & ChoiceProps) {
  const { key } = category;
  return (
    <Select
      className={css.answer}
      aria-label={`Skeleton of ${category.name}`}
      value={choices.skeletons[key] ?? ''}
      onChange={(event) => {
        const { [key]: _former, ...others } = choices.skeletons;
        const name = event.target.value;
        onChange({ ...choices, skeletons: name ? { ...others, [key]: name } : others });
      }}
    >
      <option value="">Choose a skeleton…</option>
      {category.alternatives.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </Select>
  );
}

function CategoryRow({
  category,
  joints,
  choices,
  onChange,
}: {
  category: Category;
  /** Whether its table is shown here, and not with another category of the same skeleton. */
  joints: boolean;
} & ChoiceProps) {
  const skipped = choices.people[category.id] === 'skip';
  const given = { category, choices, onChange };
  return (
    <li className={css.odd}>
      <div className={css.oddText}>
        <strong>{category.name}</strong>
        <span className={css.oddCount}>{count(category.people, 'person', 'people')}</span>
        {category.taken && category.role === 'infant' ? (
          <Badge tone="ok">proposed as the infant</Badge>
        ) : null}
        {category.taken ? null : <Badge tone="warn">{skipped ? 'left out' : 'not taken'}</Badge>}
        <p>{category.skeleton ?? `${count(category.joints, 'joint')} not known here`}</p>
        {joints ? <JointTable {...given} /> : null}
      </div>
      <div className={css.answers}>
        {category.people ? <RoleChoice {...given} /> : null}
        {joints && canChooseSkeleton(category, choices) && category.alternatives.length ? (
          <SkeletonChoice {...given} />
        ) : null}
      </div>
    </li>
  );
}

/** The file's categories: who is the infant, and how other skeletons are taken over. */
export function Categories({ report, choices, onChange }: CategoriesProps) {
  const categories = withPeople(report);
  const jointless = withoutPeople(report);
  if (!categories.length && !jointless.length) return null;
  const first = new Map<string, string>();
  for (const { key, id } of categories) if (!first.has(key)) first.set(key, id);
  const open = report.unclear > 0 || choices.unclear !== 'alone';
  return (
    <section className={css.block} aria-label="People in the file">
      <h3>People in the file</h3>
      {categories.length ? (
        <ul className={css.list}>
          {categories.map((category) => (
            <CategoryRow
              key={category.id}
              category={category}
              joints={first.get(category.key) === category.id}
              choices={choices}
              onChange={onChange}
            />
          ))}
        </ul>
      ) : null}
      {jointless.length ? (
        <p className={css.quiet}>
          Without joints, and left out: {jointless.map(({ name }) => name).join(', ')}.
        </p>
      ) : null}
      {open ? (
        <Field
          label="Where nothing tells who the infant is, propose"
          help={`${count(report.proposed, 'frame has', 'frames have')} somebody proposed, ${count(report.unclear, 'frame has', 'frames have')} people and nobody proposed. Annotators decide in any case.`}
        >
          {(control) => (
            <Select
              {...control}
              value={choices.unclear}
              onChange={(event) => onChange({ ...choices, unclear: event.target.value as Unclear })}
            >
              {Object.entries(UNCLEAR).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ) : null}
    </section>
  );
}
