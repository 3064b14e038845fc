import { Axis3d, ChartNoAxesColumn, Grid2x2, LayoutPanelLeft, Square } from 'lucide-react';
import { IconButton } from '@/shared/ui/Button';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorParts } from '../store/context';
import css from './multiview.module.css';
import { canShowViews } from './panes';

const LAYOUT_ICONS = [
  { layout: 'single', label: 'One camera', Icon: Square },
  { layout: 'beside', label: 'One large, the others beside it', Icon: LayoutPanelLeft },
  { layout: 'grid', label: 'All cameras the same size', Icon: Grid2x2 },
] as const;

const EXTRAS = [
  { what: 'scene', label: 'Figure and cameras in 3D', id: 'views.scene', Icon: Axis3d },
  { what: 'strip', label: 'Errors over time', id: 'views.strip', Icon: ChartNoAxesColumn },
] as const;

/** Which cameras are shown; only where a recording has several. */
export function ViewSwitch() {
  const editor = useEditor();
  const { possible, views } = useEditorParts((s) => ({
    possible: canShowViews(s),
    views: s.views,
  }));
  const keyName = useKeyNames();
  if (!possible) return null;
  return (
    <>
      <fieldset className={css.switch}>
        <legend className="visually-hidden">Cameras</legend>
        {LAYOUT_ICONS.map(({ layout, label, Icon }) => (
          <IconButton
            key={layout}
            label={label}
            shortcut={keyName('views.layout')}
            side="bottom"
            size="sm"
            pressed={views.layout === layout}
            onClick={() => editor.views.setLayout(layout)}
          >
            <Icon size={14} />
          </IconButton>
        ))}
      </fieldset>
      {views.layout !== 'single' &&
        EXTRAS.map(({ what, label, id, Icon }) => (
          <IconButton
            key={what}
            label={label}
            shortcut={keyName(id)}
            side="bottom"
            size="sm"
            pressed={views[what]}
            onClick={() => editor.views.change({ [what]: !views[what] })}
          >
            <Icon size={14} />
          </IconButton>
        ))}
    </>
  );
}
