import { useEditor, useEditorState } from '../store/context';
import { ConflictDialog } from './ConflictDialog';
import { DecideDialog } from './DecideDialog';
import { DiscardPopover } from './DiscardPopover';
import { HelpDialog } from './HelpDialog';
import { HistoryDialog } from './HistoryDialog';
import { KeysDialog } from './KeysDialog';
import { PaletteDialog } from './PaletteDialog';
import { RangePopover } from './RangePopover';
import { SubmitDialog } from './SubmitDialog';
import { UnsavedDialog } from './UnsavedDialog';

/** The one dialog that is open, if any. */
export function Dialogs() {
  const editor = useEditor();
  const dialog = useEditorState((s) => s.dialog);
  switch (dialog) {
    case 'discard':
      return <DiscardPopover />;
    case 'range':
      return <RangePopover />;
    case 'help':
      return <HelpDialog />;
    case 'keys':
      return <KeysDialog personal={editor.personal} onClose={() => editor.open(null)} />;
    case 'palette':
      return <PaletteDialog />;
    case 'submit':
      return <SubmitDialog />;
    case 'decide':
      return <DecideDialog />;
    case 'conflict':
      return <ConflictDialog />;
    case 'unsaved':
      return <UnsavedDialog />;
    case 'history':
      return <HistoryDialog />;
    case null:
      return null;
  }
}
