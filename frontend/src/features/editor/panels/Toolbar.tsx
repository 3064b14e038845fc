import { memo } from 'react';
import { IconButton } from '@/shared/ui/Button';
import { actionById, isPossible } from '../actions/registry';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorParts } from '../store/context';
import css from './frame.module.css';
import { LookPopover } from './LookPopover';

const TOOLS = [
  { id: 'tool.select', tool: 'select' },
  { id: 'tool.place', tool: 'place' },
  { id: 'tool.box', tool: 'box' },
  { id: 'tool.hand', tool: 'hand' },
] as const;

const ONCE = [
  'posture.mode',
  'tool.nothing',
  'swap',
  'pose.before',
  'zoom.infant',
  'zoom.fit',
  'undo',
  'redo',
];

/** Tools and the actions that the mouse wants at hand. */
export function Toolbar() {
  const editor = useEditor();
  const { tool, mode } = useEditorParts((s) => ({ tool: s.tool, mode: s.mode }));
  return (
    <section className={css.toolbar} aria-label="Tools">
      <div role="toolbar" aria-label="Tools" aria-orientation="vertical">
        {TOOLS.map(({ id, tool: name }) => (
          <Item key={id} id={id} pressed={tool === name} hideImpossible={name !== 'hand'} />
        ))}
        <hr />
        {ONCE.map((id) => (
          <Item key={id} id={id} hideImpossible={mode !== 'annotate' || editor.alone} />
        ))}
        <span className={css.grow} />
        <LookPopover />
        <Zoom onFit={() => actionById('zoom.fit').perform(editor)} />
      </div>
    </section>
  );
}

const Item = memo(function Item({
  id,
  pressed,
  hideImpossible,
}: {
  id: string;
  pressed?: boolean;
  hideImpossible: boolean;
}) {
  const editor = useEditor();
  const keyName = useKeyNames();
  const action = actionById(id);
  // Tooltips are dear: a button renders again only when it becomes possible or impossible.
  const { possible } = useEditorParts(() => ({ possible: isPossible(action, editor) }));
  if (!possible && hideImpossible) return null;
  const Icon = action.icon;
  return (
    <IconButton
      label={action.label}
      shortcut={keyName(id)}
      side="right"
      pressed={pressed}
      disabled={!possible}
      onClick={(event) => {
        event.currentTarget.blur();
        action.perform(editor);
      }}
    >
      {Icon ? <Icon size={17} /> : null}
    </IconButton>
  );
});

function Zoom({ onFit }: { onFit: () => void }) {
  const { zoom } = useEditorParts((s) => ({ zoom: s.camera.zoom }));
  const key = useKeyNames()('zoom.fit');
  return (
    <button
      type="button"
      className={css.zoom}
      title={`Whole image${key && ` (${key})`}`}
      onClick={onFit}
    >
      {Math.round(zoom * 100)} %
    </button>
  );
}
