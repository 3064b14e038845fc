import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { hasRole, isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { buttonClass, Tabs } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { Agreement } from './Agreement';
import { Pairs } from './Pairs';
import { People } from './People';
import { Prelabels } from './Prelabels';
import { pairsQuery } from './queries';
import { RulesTab } from './RulesTab';
import type { Tab } from './search';

const route = getRouteApi('/app/shell/quality');

/** How good labels are: agreement, decisions between two answers, training, and how much is checked. */
export default function QualityPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe();
  const maintains = isMaintainer(me);
  const decides = maintains || hasRole(me, 'inspector');
  const { data: pairs } = useQuery({ ...pairsQuery(true), enabled: decides });
  const tabs: { value: Tab; label: string; count?: number }[] = [
    { value: 'agreement', label: 'Agreement' },
    ...(decides
      ? [
          {
            value: 'pairs' as const,
            label: 'Two answers',
            ...(pairs?.open ? { count: pairs.open } : {}),
          },
        ]
      : []),
    ...(maintains
      ? [
          { value: 'people' as const, label: 'People' },
          { value: 'prelabels' as const, label: 'Pre-labels' },
          { value: 'rules' as const, label: 'Gold frames and shares' },
        ]
      : []),
  ];
  const tab = tabs.some(({ value }) => value === search.tab)
    ? (search.tab ?? 'agreement')
    : 'agreement';
  return (
    <Page
      title="Quality"
      description={
        maintains
          ? 'How far people agree with known answers and with one another, and what is made of two answers.'
          : 'How far your answers agree with known ones and with those of others. Only you and maintainers see it.'
      }
      actions={
        hasRole(me, 'annotator') ? (
          <Link to="/training" className={buttonClass()}>
            Train
          </Link>
        ) : null
      }
    >
      <Tabs
        label="Quality"
        value={tab}
        tabs={tabs}
        onChange={(next) =>
          void navigate({ search: (now) => ({ ...now, tab: next }), replace: true })
        }
      >
        {tab === 'agreement' ? (
          <Agreement
            against={search.against ?? 'people'}
            onAgainst={(against) =>
              void navigate({ search: (now) => ({ ...now, against }), replace: true })
            }
          />
        ) : tab === 'pairs' ? (
          <Pairs />
        ) : tab === 'people' ? (
          <People />
        ) : tab === 'prelabels' ? (
          <Prelabels />
        ) : (
          <RulesTab />
        )}
      </Tabs>
    </Page>
  );
}
