import { useEffect } from 'react';
import { useStore } from 'zustand';
import { isModifier, isTyping, namesOf, showKey } from '../actions/keys';
import { useEditor } from '../store/context';
import type { Editor } from '../store/Editor';
import { Keyboard } from './Keyboard';
import type { Keymap } from './keymap';

/** A person's keys; the component renders again when they change. */
export function useKeymap(): Keymap {
  return useStore(useEditor().personal.api, (state) => state.keymap);
}

/** How the key of an action is shown to this person; empty where it has none. */
export function useKeyNames(): (action: string) => string {
  const keymap = useKeymap();
  return (action) => {
    const key = keymap.keysOf(action)[0];
    return key === undefined ? '' : showKey(key);
  };
}

/** Keys go to the actions unless somebody types, a dialog is open, or a control wants them. */
export function useKeys(editor: Editor): void {
  useEffect(() => {
    const keyboard = new Keyboard(editor);
    const onDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || isModifier(event)) return;
      if (editor.state.dialog !== null || isTyping(event.target) || belongsToControl(event)) return;
      const names = namesOf(event);
      // What is selected on the page is copied as everywhere.
      if (names[0] === 'Mod+C' && !window.getSelection()?.isCollapsed) return;
      const outcome = keyboard.down(names, event.code, event.timeStamp, event.repeat);
      if (outcome !== 'nothing') event.preventDefault();
    };
    const onUp = (event: KeyboardEvent): void => keyboard.up(event.code);
    const letGo = (): void => keyboard.letGo();
    // Before the page's own keys, so that Ctrl+K is the editor's here.
    window.addEventListener('keydown', onDown, { capture: true });
    window.addEventListener('keyup', onUp, { capture: true });
    window.addEventListener('blur', letGo);
    window.addEventListener('click', leaveButton, { capture: true });
    return () => {
      window.removeEventListener('keydown', onDown, { capture: true });
      window.removeEventListener('keyup', onUp, { capture: true });
      window.removeEventListener('blur', letGo);
      window.removeEventListener('click', leaveButton, { capture: true });
    };
  }, [editor]);
}

/** A button that was clicked by hand lets go of the keys: the next Space means the frame again. */
function leaveButton({ detail }: MouseEvent): void {
  const { activeElement: button } = document;
  if (detail === 0 || !(button instanceof HTMLButtonElement)) return;
  if (button.closest('[role="dialog"]') === null) button.blur();
}

/** Keys that press a control, for somebody who walks through the controls by Tab. */
const PRESSING: readonly string[] = ['Enter', ' '];
const STEPPING: readonly string[] = [
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  'Home',
  'End',
  'PageUp',
  'PageDown',
];
const STEPPED = '[role="slider"], [role="radio"], [role="tab"], [role="menuitem"], input';

/** Whether the control with the focus wants a key; Tab always walks on through the page. */
function belongsToControl({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (key === 'Tab') return !ctrlKey && !metaKey && !altKey;
  if (!(target instanceof HTMLElement) || target === document.body) return false;
  if (STEPPING.includes(key) && target.matches(STEPPED)) return true;
  return PRESSING.includes(key) && target.matches(':focus-visible');
}
