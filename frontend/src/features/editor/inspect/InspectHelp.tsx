import { CircleHelp } from 'lucide-react';
import { Fragment, useState } from 'react';
import { usePageKeys } from '@/shared/lib/usePageKeys';
import { Button, Dialog, Kbd } from '@/shared/ui';
import { namesOf, showKey } from '../actions/keys';
import { KeysDialog } from '../dialogs/KeysDialog';
import type { Personal } from '../personal/Personal';
import { COMPARE_ACTS } from './acts';
import css from './help.module.css';
import { keysShown, useKeymapOf } from './usePersonal';

const STEPS: readonly (readonly [string, string])[] = [
  [
    'Choose frames',
    'The filter above the pictures chooses what you see: doubted joints, frames that were accepted without looking, what changed since the last round. It decides nothing.',
  ],
  [
    'Look, and say a word',
    'Good, or Revise. Press a joint in the first picture, or the cross in its row, to call it wrong: then only that joint goes back. One key says why, another writes a comment.',
  ],
  [
    'Or accept by a random sample',
    '“Draw … frames by chance” chooses frames for you. Look at each and mark it; “Accept the rest by this sample” then states how many joints are wrong in 1,000. Where that is good enough, the frames that nobody opened are accepted by it. Until all of a drawn sample is looked at, nothing can be approved.',
  ],
  [
    'Return or approve',
    'What was found good stays approved and is locked. The rest goes back to the annotator. Once every frame was found good, the joints can be approved.',
  ],
];

/** How inspecting goes, and what the keys of the page do. */
export function InspectHelp({ personal }: { personal: Personal }) {
  const [open, setOpen] = useState(false);
  const [changing, setChanging] = useState(false);
  const keymap = useKeymapOf(personal);
  usePageKeys(
    (event) => {
      const ids = namesOf(event).flatMap((name) => keymap.actionsOn(name));
      if (!ids.includes('compare.help')) return false;
      setOpen(true);
      return true;
    },
    { modified: true },
  );
  const [key] = keysShown(keymap, 'help');
  return (
    <>
      <Button icon={<CircleHelp size={15} />} onClick={() => setOpen(true)}>
        How this works {key === undefined ? null : <Kbd>{key}</Kbd>}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="How to inspect a recording"
        description="You vouch for its joints: frame by frame, or by a random sample."
        width={820}
        footer={
          <Button
            onClick={() => {
              setOpen(false);
              setChanging(true);
            }}
          >
            Change keys…
          </Button>
        }
      >
        <div className={css.help}>
          <ol>
            {STEPS.map(([title, text]) => (
              <li key={title}>
                <strong>{title}</strong>
                <p>{text}</p>
              </li>
            ))}
          </ol>
          <dl>
            {COMPARE_ACTS.map(({ id, label }) => (
              <Fragment key={id}>
                <dt>
                  {keymap.keysOf(id).map((one) => (
                    <Kbd key={one}>{showKey(one)}</Kbd>
                  ))}
                </dt>
                <dd>{label}</dd>
              </Fragment>
            ))}
          </dl>
        </div>
      </Dialog>
      {changing ? <KeysDialog personal={personal} onClose={() => setChanging(false)} /> : null}
    </>
  );
}
