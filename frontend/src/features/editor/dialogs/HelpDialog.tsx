import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { Kbd } from '@/shared/ui/Kbd';
import { Notice } from '@/shared/ui/States';
import { GROUPS } from '../actions/action';
import { showKey } from '../actions/keys';
import { ACTIONS, isPossible } from '../actions/registry';
import { COMPARE_GROUP } from '../inspect/acts';
import { useKeymap } from '../personal/useKeys';
import { useEditor } from '../store/context';
import css from './dialogs.module.css';
import { FirstSteps } from './FirstSteps';

const MOUSE: readonly [string, string][] = [
  ['Drag a joint', 'moves it; Escape puts it back'],
  ['Shift + drag a joint', 'moves the whole skeleton'],
  ['Right-click a joint', 'toggles occluded'],
  ['Click a faint person', 'makes it the infant'],
  ['Drag the background, or use the middle button', 'moves the image'],
  ['Wheel or pinch', 'zooms at the pointer'],
  ['Drag over the lane of postures', 'marks moments, or moves a border'],
  ['Drag along the strip of frames', 'runs through the recording'],
];

const CAMERA_MOUSE: readonly [string, string][] = [
  ['Press in another camera’s image', 'works there'],
  ['Double-click a small image', 'makes it large'],
];

/** Every key that does something, in this mode first. */
export function HelpDialog() {
  const editor = useEditor();
  const keymap = useKeymap();
  const several = editor.views.possible;
  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title="Keys"
      description="Dimmed ones do nothing in this mode or right now."
      width={920}
      footer={<Button onClick={() => editor.open('keys')}>Change keys…</Button>}
    >
      {editor.state.mode === 'annotate' && <FirstSteps />}
      {editor.state.mode === 'inspect' && <Inspecting />}
      <div className={css.help}>
        {GROUPS.filter((group) => (several || group !== 'Cameras') && group !== COMPARE_GROUP).map(
          (group) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {ACTIONS.filter(
                  ({ id, group: of }) => of === group && keymap.keysOf(id).length > 0,
                ).map((action) => (
                  <div key={action.id} data-possible={isPossible(action, editor)}>
                    <dt>{action.label}</dt>
                    <dd>
                      {keymap.keysOf(action.id).map((key) => (
                        <Kbd key={key}>{showKey(key)}</Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
        )}
        <section>
          <h3>Mouse</h3>
          <dl>
            {[...MOUSE, ...(several ? CAMERA_MOUSE : [])].map(([what, does]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

/** What an inspector is there for, in few words. */
function Inspecting() {
  return (
    <Notice>
      Say a word about every frame: <b>good</b>, or <b>to revise</b> with a comment that says why.
      Then press <b>Return or approve</b>: what is good stays approved, the rest goes back. In long
      recordings a random sample can vouch for frames that you do not open: draw it under{' '}
      <b>Compare and sample</b>, where single joints can be called wrong, too.
    </Notice>
  );
}
