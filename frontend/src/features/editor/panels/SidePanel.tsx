import { ScenePanel } from '../multiview/ScenePanel';
import { ViewsPanel } from '../multiview/ViewsPanel';
import { useEditorPartsSoon, useEditorState } from '../store/context';
import { TravelPanel } from '../travel/TravelPanel';
import { CommentsPanel } from './CommentsPanel';
import { FactsPanel } from './FactsPanel';
import { JointsPanel } from './JointsPanel';
import { PeoplePanel } from './PeoplePanel';
import { PlaybackCheckPanel } from './PlaybackCheckPanel';
import css from './panels.module.css';
import { SuspicionPanel } from './SuspicionPanel';
import { VerdictPanel } from './VerdictPanel';

/** Right of the canvas: decision, people, joints, checks, comments, facts. */
export function SidePanel() {
  // What somebody said comes before everything; an empty thread waits at the end.
  const composing = useEditorState((s) => s.composing !== null);
  const { commented } = useEditorPartsSoon((s) => ({
    commented: (s.frame?.doc.comments.length ?? 0) > 0,
  }));
  const talked = composing || commented;
  return (
    <aside className={css.side} aria-label="Frame details">
      <ScenePanel />
      <VerdictPanel />
      <TravelPanel />
      <ViewsPanel />
      <PlaybackCheckPanel />
      <SuspicionPanel />
      {talked && <CommentsPanel />}
      <PeoplePanel />
      <JointsPanel />
      {!talked && <CommentsPanel />}
      <FactsPanel />
    </aside>
  );
}
