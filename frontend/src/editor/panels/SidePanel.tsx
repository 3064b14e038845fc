import { ChecksPanel } from './ChecksPanel';
import { CommentsPanel } from './CommentsPanel';
import { FactsPanel } from './FactsPanel';
import { JointsPanel } from './JointsPanel';
import { PeoplePanel } from './PeoplePanel';
import css from './panels.module.css';
import { VerdictPanel } from './VerdictPanel';

/** Right of the canvas: decision, people, joints, checks, comments, facts. */
export function SidePanel() {
  return (
    <aside className={css.side} aria-label="Frame details">
      <VerdictPanel />
      <ChecksPanel />
      <CommentsPanel />
      <PeoplePanel />
      <JointsPanel />
      <FactsPanel />
    </aside>
  );
}
