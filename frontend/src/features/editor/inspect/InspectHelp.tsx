import { CircleHelp } from 'lucide-react';
import { Fragment, useState } from 'react';
import { usePageKeys } from '@/shared/lib/usePageKeys';
import { Button, Dialog, Kbd } from '@/shared/ui';
import css from './help.module.css';

const STEPS: readonly (readonly [string, string])[] = [
  [
    'Choose frames',
    'The filter above the pictures chooses what you see: doubted joints, frames that were accepted without looking, what changed since the last round. It decides nothing.',
  ],
  [
    'Look, and say a word',
    'Good, or Revise. Press a joint in the first picture, or the cross in its row, to call it wrong: then only that joint goes back. Keys 1 to 6 say why, M writes a comment.',
  ],
  [
    'Or vouch by a sample',
    '“Draw … frames by chance” chooses frames for you. Look at each and mark it; “Vouch by this sample” then states how many joints are wrong in 1,000. Where that is good enough, it vouches for the frames that nobody opened.',
  ],
  [
    'Return or approve',
    'What is vouched for stays approved and is locked. The rest goes back to the annotator. Once somebody vouches for every frame, the joints can be approved.',
  ],
];

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['F', '→'], 'Next frame'],
  [['D', '←'], 'Previous frame'],
  [['↑', '↓'], 'Other cameras of the moment'],
  [['Space', 'G'], 'Good, and on to the next'],
  [['R'], 'To revise'],
  [['1', '…', '6'], 'Say why, of the joint chosen or of the frame'],
  [['X'], 'The joint chosen is wrong'],
  [['Y'], 'The joint chosen is right'],
  [['C'], 'Flicker between annotator, round before and model'],
  [['B'], 'Side by side'],
  [['Z'], 'Whole image'],
  [['M'], 'Write a comment'],
  [['Esc'], 'No joint chosen'],
  [['?'], 'This page'],
];

/** How inspecting goes, and what the keys of the page do. */
export function InspectHelp() {
  const [open, setOpen] = useState(false);
  usePageKeys(({ key }) => {
    if (key !== '?') return false;
    setOpen(true);
    return true;
  });
  return (
    <>
      <Button icon={<CircleHelp size={15} />} onClick={() => setOpen(true)}>
        How this works <Kbd>?</Kbd>
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="How to inspect a recording"
        description="You vouch for its joints: frame by frame, or by a random sample."
        width={720}
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
            {KEYS.map(([keys, act]) => (
              <Fragment key={act}>
                <dt>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dt>
                <dd>{act}</dd>
              </Fragment>
            ))}
          </dl>
        </div>
      </Dialog>
    </>
  );
}
