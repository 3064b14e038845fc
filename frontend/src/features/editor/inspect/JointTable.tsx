import { Check, X } from 'lucide-react';
import type { Comparison } from '@/shared/api/types';
import { colourOf, VISIBILITY_WORDS } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui';
import css from './inspect.module.css';
import type { JointWord } from './SkeletonPicture';
import { oks, px } from './words';

interface JointTableProps {
  shown: Comparison;
  selected: number | null;
  wordOf: (joint: number) => JointWord;
  /** Absent where this person may not judge. */
  onWord: ((joint: number, word: JointWord) => void) | undefined;
  onSelect: (joint: number) => void;
}

/** Every joint: how far from the model and from the round before, and whether it is right. */
export function JointTable({ shown, selected, wordOf, onWord, onSelect }: JointTableProps) {
  const { model, previous, now } = shown;
  return (
    <table className={css.joints}>
      <thead>
        <tr>
          <th scope="col">Joint</th>
          {model ? (
            <>
              <th scope="col" title="Pixels from the model’s joint">
                Model px
              </th>
              <th scope="col" title="Similarity to the model’s joint, as in OKS">
                OKS
              </th>
            </>
          ) : null}
          {previous ? (
            <>
              <th scope="col" title={`Pixels from where it was in round ${shown.previous_round}`}>
                Round {shown.previous_round} px
              </th>
              <th scope="col" title="Similarity to the round before, as in OKS">
                OKS
              </th>
            </>
          ) : null}
          {onWord ? <th scope="col">Right or wrong</th> : null}
        </tr>
      </thead>
      <tbody>
        {JOINT_LABELS.map((label, i) => {
          const word = wordOf(i);
          const v = now?.[i]?.v ?? 0;
          return (
            <tr key={label} className={cx(selected === i && css.selected, word && css[word])}>
              <th scope="row">
                <button type="button" className={css.name} onClick={() => onSelect(i)}>
                  <span
                    className={cx(css.dot, v === 1 && css.ring, v === 0 && css.none)}
                    style={{ color: colourOf(i) }}
                    aria-hidden
                  />
                  {label}
                  <span className="visually-hidden">, {VISIBILITY_WORDS[v]}</span>
                </button>
              </th>
              {model ? (
                <>
                  <td className={cx((model.pixels[i] ?? 0) > 0.05 && css.differs)}>
                    {px(model.pixels[i])}
                  </td>
                  <td>{oks(model.similarity[i])}</td>
                </>
              ) : null}
              {previous ? (
                <>
                  <td className={cx((previous.pixels[i] ?? 0) > 0.05 && css.differs)}>
                    {px(previous.pixels[i])}
                  </td>
                  <td>{oks(previous.similarity[i])}</td>
                </>
              ) : null}
              {onWord ? (
                <td className={css.judge}>
                  <button
                    type="button"
                    aria-pressed={word === 'right'}
                    aria-label={`${label} is right`}
                    title="Right"
                    disabled={v === 0}
                    onClick={() => onWord(i, word === 'right' ? null : 'right')}
                  >
                    <Check size={13} aria-hidden />
                  </button>
                  <button
                    type="button"
                    aria-pressed={word === 'wrong'}
                    aria-label={`${label} is wrong`}
                    title="Wrong: goes back"
                    onClick={() => onWord(i, word === 'wrong' ? null : 'wrong')}
                  >
                    <X size={13} aria-hidden />
                  </button>
                </td>
              ) : null}
            </tr>
          );
        })}
      </tbody>
      {model?.oks != null || previous?.oks != null ? (
        <tfoot>
          <tr>
            <th scope="row">Whole body</th>
            {model ? (
              <>
                <td />
                <td>{oks(model.oks)}</td>
              </>
            ) : null}
            {previous ? (
              <>
                <td />
                <td>{oks(previous.oks)}</td>
              </>
            ) : null}
            {onWord ? <td /> : null}
          </tr>
        </tfoot>
      ) : null}
    </table>
  );
}
