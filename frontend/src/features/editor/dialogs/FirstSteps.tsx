import type { ReactNode } from 'react';
import { Kbd } from '@/shared/ui/Kbd';
import { useKeyNames } from '../personal/useKeys';
import { useEditor } from '../store/context';
import css from './firstSteps.module.css';

/** How an annotator gets from the first frame to the end, with this person's keys. */
export function FirstSteps() {
  const editor = useEditor();
  const { alone } = editor;
  const several = editor.views.on;
  return (
    <section className={css.steps} aria-label="From the first frame to the last">
      <h3>From the first frame to the last</h3>
      <ol>
        <Step title="Look, and keep it">
          Are the infant’s joints where they are in the body? <Key of="accept" /> accepts them and
          goes on
          {several && (
            <>
              ; <Key of="accept.moment" /> accepts all cameras of the moment
            </>
          )}
          . <Key of="next" /> and <Key of="previous" /> only step.
        </Step>
        <Step title="Mend what is wrong">
          Drag the joint, or press <Key of="joint.next" /> until it is selected and use the arrow
          keys. Point at a joint and press <Key of="joint.visible" /> visible,{' '}
          <Key of="joint.occluded" /> covered, <Key of="joint.absent" /> not in the picture. Sides
          exchanged: <Key of="swap.all" />. Somebody else taken for the infant: click the faint
          joints on the infant, or <Key of="person.next" />. No skeleton: <Key of="tool.nothing" />{' '}
          asks for joint after joint. Then <Key of="accept" />.
        </Step>
        <Step title="Leave out what nobody can use">
          Blurred, dark, no infant: <Key of="discard" />, then the number of the reason.
          {!alone && (
            <>
              {' '}
              Many in a row: <Key of="range.from" /> at the first, <Key of="range.to" /> at the
              last, <Key of="range.decide" /> and the number. Ranges that are proposed:{' '}
              <Key of="proposal.next" /> shows the next, <Key of="proposal.take" /> discards it,{' '}
              <Key of="proposal.refuse" /> refuses it.
            </>
          )}
        </Step>
        {!alone && (
          <Step title="Let corrections travel">
            Frames near one that you decided follow by themselves. <Key of="travel.ask" /> goes to
            the frame where a look helps most, <Key of="suspicion.next" /> to the next doubtful
            joint: mend it, or <Key of="suspicion.wave" /> if it is right.
          </Step>
        )}
        {!alone && (
          <Step title="Look at the rest in motion">
            Hold <Key of="play.hold" /> to play, and let go at what looks wrong.{' '}
            <Key of="play.accept" /> accepts what you saw.
          </Step>
        )}
        <Step title={alone ? 'Hand in' : 'Submit'}>
          {alone ? (
            <>
              When every frame is decided, press <em>Hand in</em> at the top right.
            </>
          ) : (
            <>
              The button at the top right says how many frames are left; <Key of="nextOpen" /> goes
              to the next of them. At none, <Key of="finish" /> submits.
            </>
          )}{' '}
          All is saved as you work; <Key of="undo" /> takes a step back.
        </Step>
      </ol>
    </section>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li>
      <strong>{title}.</strong> {children}
    </li>
  );
}

/** The key of an action as this person has it; in words where it has none. */
function Key({ of }: { of: string }) {
  const name = useKeyNames()(of);
  return name === '' ? <em>(no key)</em> : <Kbd>{name}</Kbd>;
}
