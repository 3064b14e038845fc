import { Command } from 'cmdk';
import { useState } from 'react';
import { Dialog } from '@/shared/ui/Dialog';
import { Kbd } from '@/shared/ui/Kbd';
import { ACTIONS, isPossible } from '../actions/registry';
import { nameOf } from '../frames/naming';
import { useKeyNames } from '../personal/useKeys';
import { useEditor } from '../store/context';
import css from './dialogs.module.css';

/** Every action by a few letters of its name, and every frame by its number. */
export function PaletteDialog() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const [text, setText] = useState('');
  const number = Number.parseInt(text, 10);
  const { frames, recording } = editor.state;
  const here = editor.item;
  const word = here === null ? 'frame' : nameOf(here, recording, frames).word;
  const target = frames.findIndex(
    (item) =>
      nameOf(item, recording, frames).number === number &&
      (word === 'frame' || item.camera_id === here?.camera_id),
  );
  const run = (perform: () => void): void => {
    editor.open(null);
    perform();
  };
  return (
    <Dialog open onOpenChange={() => editor.open(null)} title="All commands" width={560}>
      <Command loop label="All commands" className={css.palette}>
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder={`A command, or a ${word}’s number`}
        />
        <Command.List>
          <Command.Empty>Nothing by that name.</Command.Empty>
          {target >= 0 && (
            <Command.Item
              value={`${text} go to ${word}`}
              onSelect={() => run(() => editor.go(target))}
            >
              Go to {word} {number}
            </Command.Item>
          )}
          {ACTIONS.filter((a) => isPossible(a, editor) && a.id !== 'palette').map((action) => (
            <Command.Item
              key={action.id}
              value={`${action.label} ${action.group}`}
              keywords={action.words?.split(' ')}
              onSelect={() => run(() => action.perform(editor))}
            >
              <span>{action.label}</span>
              <small>{action.group}</small>
              {keyName(action.id) !== '' && <Kbd>{keyName(action.id)}</Kbd>}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}
