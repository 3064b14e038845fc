import {
  Baby,
  BadgeCheck,
  Boxes,
  ChartColumn,
  Download,
  Film,
  History,
  Inbox,
  ListTodo,
  type LucideIcon,
  PackageCheck,
  Settings,
  Users,
} from 'lucide-react';
import { hasRole, isMaintainer } from '@/shared/api/queries/accounts';
import type { Me } from '@/shared/api/types';

export interface Destination {
  to:
    | '/'
    | '/recordings'
    | '/infants'
    | '/jobs'
    | '/exports'
    | '/releases'
    | '/models'
    | '/analytics'
    | '/changes'
    | '/quality'
    | '/team'
    | '/settings';
  label: string;
  Icon: LucideIcon;
  group: 'main' | 'more';
  /** Who sees it; everybody without. */
  when?: (me: Me) => boolean;
}

const DESTINATIONS: readonly Destination[] = [
  { to: '/', label: 'My work', Icon: Inbox, group: 'main' },
  { to: '/recordings', label: 'Recordings', Icon: Film, group: 'main' },
  { to: '/infants', label: 'Infants', Icon: Baby, group: 'main', when: isMaintainer },
  { to: '/jobs', label: 'Jobs', Icon: ListTodo, group: 'main' },
  { to: '/exports', label: 'Exports', Icon: Download, group: 'main', when: isMaintainer },
  { to: '/releases', label: 'Releases', Icon: PackageCheck, group: 'main', when: isMaintainer },
  { to: '/analytics', label: 'Analytics', Icon: ChartColumn, group: 'main' },
  { to: '/quality', label: 'Quality', Icon: BadgeCheck, group: 'main' },
  { to: '/changes', label: 'Changes', Icon: History, group: 'main' },
  { to: '/models', label: 'Models', Icon: Boxes, group: 'more', when: isMaintainer },
  { to: '/team', label: 'Team', Icon: Users, group: 'more', when: (me) => hasRole(me, 'admin') },
  { to: '/settings', label: 'Settings', Icon: Settings, group: 'more' },
];

export function destinationsFor(me: Me): Destination[] {
  return DESTINATIONS.filter((d) => !d.when || d.when(me));
}
