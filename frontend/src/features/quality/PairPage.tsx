import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Pair } from '@/shared/api/types';
import { VISIBILITY_WORDS } from '@/shared/domain/bones';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count, formatDateTime } from '@/shared/lib/format';
import { Button, buttonClass, ErrorState, Notice, SkeletonRows, toast } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import {
  bodyOf,
  type Choice,
  type Choices,
  leftOf,
  placed,
  proposed,
  type Row,
  resultOf,
  rowsOf,
  type Take,
  takenForRest,
} from './choices';
import { px, two } from './numbers';
import { PairPicture } from './PairPicture';
import css from './quality.module.css';
import { pairQuery, pairsQuery, useAdjudicate } from './queries';

const route = getRouteApi('/app/shell/quality/pairs/$pair');

/** Two people's answers to one frame: see where they differ, and decide joint by joint. */
export default function PairPage() {
  const { pair: id } = route.useParams();
  const { data, error, refetch } = useQuery(pairQuery(Number(id)));
  const back = (
    <Link to="/quality" search={{ tab: 'pairs' }}>
      <ArrowLeft size={14} aria-hidden /> Two answers
    </Link>
  );
  return (
    <Page
      title={data ? `${data.recording.name}, frame ${data.position + 1}` : 'Two answers'}
      back={back}
      description={
        data
          ? `${data.first.person.name} and, on their own, ${data.second.person.name}: similarity (OKS) ${two(data.oks)}.`
          : undefined
      }
      actions={
        data ? (
          <Link
            to="/recordings/$recordingId/frames/$frame"
            params={{
              recordingId: String(data.recording.id),
              frame: frameParam(data.position),
            }}
            className={buttonClass()}
          >
            Open in the editor
          </Link>
        ) : null
      }
    >
      {data ? (
        <Decide key={`${data.id} ${data.version} ${data.decided?.version ?? ''}`} pair={data} />
      ) : error ? (
        <ErrorState
          title="The answers could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </Page>
  );
}

type Whose = 'first' | 'second';

function Decide({ pair }: { pair: Pair }) {
  const rows = useMemo(() => rowsOf(pair), [pair]);
  const [choices, setChoices] = useState<Choices>(() => proposed(rows));
  const [whose, setWhose] = useState<Whose | null>(pair.verdict_agrees ? 'first' : null);
  const [open, setOpen] = useState<number | null>(leftOf(rows, choices)[0]?.joint ?? null);
  const [placing, setPlacing] = useState(false);
  const decide = useAdjudicate(pair.id);
  const navigate = useNavigate();
  const operationId = useRef(crypto.randomUUID());
  const { data: others } = useQuery(pairsQuery(true));
  const kept = pair.verdict_agrees && pair.first.verdict === 'keep';
  const left = kept ? leftOf(rows, choices) : [];
  const closed = pair.blocked !== null || pair.decided !== null;
  const result = useMemo(
    () =>
      new Map(rows.map((row) => [row.joint, kept ? resultOf(row, choices.get(row.joint)) : null])),
    [rows, choices, kept],
  );
  const choose = (row: Row, choice: Choice): void => {
    setChoices((now) => new Map(now).set(row.joint, choice));
    setPlacing(false);
    const next = left.find(({ joint }) => joint !== row.joint);
    setOpen(next?.joint ?? row.joint);
  };
  const save = (): void => {
    if (whose === null || left.length > 0) return;
    const { version } = pair;
    decide.mutate(bodyOf({ operationId: operationId.current, version, verdict: whose, choices }), {
      onSuccess: () => {
        toast.ok('Decided: it is the annotation now');
        const next = others?.pairs.find(
          ({ id, decided, blocked }) => id !== pair.id && !decided && blocked === null,
        );
        void navigate(
          next
            ? { to: '/quality/pairs/$pair', params: { pair: String(next.id) } }
            : { to: '/quality', search: { tab: 'pairs' } },
        );
      },
    });
  };
  return (
    <div className={css.pair}>
      <PairPicture
        pair={pair}
        rows={rows}
        result={result}
        open={open}
        placing={placing}
        onOpen={setOpen}
        onPlace={(x, y) => {
          const row = rows.find(({ joint }) => joint === open);
          if (row !== undefined) choose(row, placed(row, x, y));
        }}
      />
      <div className={css.side}>
        {pair.decided ? (
          <Notice>
            {pair.decided.person.name} decided on {formatDateTime(pair.decided.at)}: version{' '}
            {pair.decided.version} of the frame.
          </Notice>
        ) : pair.blocked ? (
          <Notice tone="warn">{pair.blocked}</Notice>
        ) : null}
        {pair.verdict_agrees ? null : (
          <Verdicts pair={pair} whose={whose} onWhose={setWhose} disabled={closed} />
        )}
        {pair.verdict_agrees && !kept ? <p>Both discard this frame.</p> : null}
        {kept ? (
          <JointChoices
            rows={rows}
            choices={choices}
            decided={pair.decided?.joints ?? null}
            open={open}
            placing={placing}
            disabled={closed}
            onOpen={setOpen}
            onChoose={choose}
            onPlacing={(joint) => {
              setOpen(joint);
              setPlacing(!placing || joint !== open);
            }}
          />
        ) : null}
        {decide.error ? <Notice tone="error">{errorMessage(decide.error)}</Notice> : null}
        {closed ? null : (
          <div className={css.foot}>
            <Button
              variant="primary"
              busy={decide.isPending}
              disabled={whose === null || left.length > 0}
              onClick={save}
            >
              Make it the annotation
            </Button>
            <span>
              {placing
                ? 'Click where the joint is.'
                : left.length > 0
                  ? `${count(left.length, 'joint')} to decide`
                  : null}
            </span>
            {left.length > 1 && !placing ? (
              <TheRest
                left={left}
                onTake={(take) => {
                  const next = takenForRest(rows, choices, take);
                  setChoices(next);
                  setPlacing(false);
                  setOpen(leftOf(rows, next)[0]?.joint ?? open);
                }}
              />
            ) : null}
          </div>
        )}
      </div>
    </div>
  );
}

interface VerdictsProps {
  pair: Pair;
  whose: Whose | null;
  onWhose: (whose: Whose) => void;
  disabled: boolean;
}

function Verdicts({ pair, whose, onWhose, disabled }: VerdictsProps) {
  return (
    <fieldset className={css.verdicts} disabled={disabled}>
      <legend>They decided differently</legend>
      {(['first', 'second'] as const).map((one) => {
        const { person, verdict, reason, reason_text } = pair[one];
        const why = reason_text ?? (reason ? REASON_LABELS[reason].toLowerCase() : '');
        return (
          <label key={one}>
            <input
              type="radio"
              name="verdict"
              checked={whose === one}
              onChange={() => onWhose(one)}
            />
            {person.name} {verdict === 'keep' ? 'keeps it' : `discards it: ${why}`}
          </label>
        );
      })}
    </fieldset>
  );
}

/** One press for all that is still to decide. */
function TheRest({ left, onTake }: { left: readonly Row[]; onTake: (take: Take) => void }) {
  return (
    <div className={css.rest}>
      <span>For all of them take</span>
      <fieldset className={css.take} aria-label="Take, of all that is to decide">
        {TAKES.map(({ take, label, words }) => (
          <button
            key={take}
            type="button"
            aria-label={`${label}: ${words}, of all that is to decide`}
            disabled={take === 'mean' && !left.some(({ mayMean }) => mayMean)}
            onClick={() => onTake(take)}
          >
            {label}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

interface JointChoicesProps {
  rows: readonly Row[];
  choices: Choices;
  /** What was taken, once it is decided. */
  decided: Readonly<Record<string, string>> | null;
  open: number | null;
  placing: boolean;
  disabled: boolean;
  onOpen: (joint: number) => void;
  onChoose: (row: Row, choice: Choice) => void;
  onPlacing: (joint: number) => void;
}

const TAKES = [
  { take: 'first', label: 'A', words: 'the first person’s' },
  { take: 'second', label: 'B', words: 'the second person’s' },
  { take: 'mean', label: 'Mean', words: 'the mean of both' },
] as const;

function JointChoices(props: JointChoicesProps) {
  const { rows, choices, decided, open, placing, disabled } = props;
  return (
    <table className={css.choices}>
      <caption className="visually-hidden">What becomes of each joint</caption>
      <thead>
        <tr>
          <th scope="col">Joint</th>
          <th scope="col">Apart</th>
          <th scope="col">Visibility, A · B</th>
          <th scope="col">Take</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const name = JOINT_LABELS[row.joint];
          const taken = decided === null ? choices.get(row.joint)?.take : decided[row.joint];
          const same = row.first.v === row.second.v;
          return (
            <tr
              key={row.joint}
              data-open={row.joint === open}
              data-left={row.differs && taken === undefined}
            >
              <th scope="row">
                <button type="button" className={css.joint} onClick={() => props.onOpen(row.joint)}>
                  {name}
                </button>
              </th>
              <td>{px(row.px)}</td>
              <td>
                {same
                  ? VISIBILITY_WORDS[row.first.v]
                  : `${VISIBILITY_WORDS[row.first.v]} · ${VISIBILITY_WORDS[row.second.v]}`}
              </td>
              <td>
                {row.differs ? (
                  <fieldset className={css.take} aria-label={`Take, of the ${name}`}>
                    {TAKES.map(({ take, label, words }) => (
                      <button
                        key={take}
                        type="button"
                        aria-pressed={taken === take}
                        aria-label={`${label}: ${words} ${name}`}
                        disabled={disabled || (take === 'mean' && !row.mayMean)}
                        onClick={() => props.onChoose(row, { take })}
                      >
                        {label}
                      </button>
                    ))}
                    <button
                      type="button"
                      aria-pressed={taken === 'new' || (placing && row.joint === open)}
                      aria-label={`New: place the ${name} anew`}
                      disabled={disabled}
                      onClick={() => props.onPlacing(row.joint)}
                    >
                      New
                    </button>
                  </fieldset>
                ) : (
                  'the same'
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
