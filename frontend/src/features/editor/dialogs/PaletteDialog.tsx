import { Command } from 'cmdk';
import { useEffect, useRef, useState } from 'react';
import { Dialog } from '@/shared/ui/Dialog';
import { Kbd } from '@/shared/ui/Kbd';
import { ACTIONS, isPossible } from '../actions/registry';
import { nameOf } from '../frames/naming';
import { useKeyNames } from '../personal/useKeys';
import { useEditor } from '../store/context';
import css from './dialogs.module.css';

/** Every word has to be there; letters strewn over a sentence are no match among a hundred others. */
function scoreOf(value: string, search: string, keywords: readonly string[] = []): number {
  const label = ` ${value.toLowerCase()}`;
  const all = `${label} ${keywords.join(' ').toLowerCase()}`;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => all.includes(word))) return 0;
  if (words.every((word) => label.includes(` ${word}`))) return 1;
  return words.every((word) => label.includes(word)) ? 0.8 : 0.5;
}

/** Every action by a few letters of its name, and every frame by its number. */
export function PaletteDialog() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const [text, setText] = useState('');
  const list = useRef<HTMLDivElement>(null);
  // The best match is the first; the list would stay scrolled to where it was.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each letter finds others
  useEffect(() => {
    const frame = requestAnimationFrame(() => list.current?.scrollTo({ top: 0 }));
    return () => cancelAnimationFrame(frame);
  }, [text]);
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
      <Command loop label="All commands" className={css.palette} filter={scoreOf}>
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder={`A command, or a ${word}’s number`}
        />
        <Command.List ref={list}>
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
