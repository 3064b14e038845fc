/** From presses to actions: chords wait for their second key, and what is held ends with the key. */
import { repeat } from '../actions/held';
import { type Action, actionFor } from '../actions/registry';
import type { Editor } from '../store/Editor';

type Outcome = 'performed' | 'waiting' | 'nothing';

export class Keyboard {
  /** What lasts as long as its key is held, by the key's place on the keyboard. */
  private readonly held = new Map<string, Action>();

  constructor(private readonly editor: Editor) {}

  /**
   * A key went down.
   *
   * @param names By what the press may be meant, the likeliest first.
   * @param place The key's place on the keyboard, by which its release is known.
   */
  down(names: readonly string[], place: string, since?: number, repeated = false): Outcome {
    const { editor } = this;
    const { chord } = editor.state;
    if (this.held.has(place)) return 'performed';
    if (chord !== null) {
      editor.set({ chord: null });
      const meant = names.map((name) => actionFor(`${chord} ${name}`, editor)).find(Boolean);
      if (meant) meant.perform(editor, since);
      else if (names[0] !== 'Escape') {
        editor.notify(`${chord} then ${names[0]} means nothing.`);
      }
      return 'performed';
    }
    const action = names.map((name) => actionFor(name, editor)).find((found) => found !== null);
    if (action) {
      if (repeated) {
        repeat(action, editor, since);
        return 'performed';
      }
      if (action.release !== undefined) this.held.set(place, action);
      action.perform(editor, since);
      return 'performed';
    }
    const begun = names.find((name) => editor.personal.keymap.chordsFrom(name).length > 0);
    if (begun === undefined) return 'nothing';
    editor.set({ chord: begun });
    return 'waiting';
  }

  /** A key was let go. */
  up(place: string): void {
    this.held.get(place)?.release?.(this.editor);
    this.held.delete(place);
  }

  /** The window lost the keys: what is held ends, what was begun is forgotten. */
  letGo(): void {
    for (const place of [...this.held.keys()]) this.up(place);
    if (this.editor.state.chord !== null) this.editor.set({ chord: null });
  }
}
