import { useQuery } from '@tanstack/react-query';
import { hasRole, isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { systemQuery } from '@/shared/api/queries/system';
import { ROLE_LABELS } from '@/shared/domain/words';
import { Badge, Kbd, PersonName, ThemeToggle } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { InspectionRuleForm } from './InspectionRule';
import { PasswordForm } from './PasswordForm';
import css from './SettingsPage.module.css';
import { Tokens } from './Tokens';

export default function SettingsPage() {
  const me = useMe();
  const isInspector = hasRole(me, 'inspector');
  const { data: system } = useQuery(systemQuery);
  return (
    <Page title="Settings" narrow>
      <div className={css.sections}>
        <section className={css.section} aria-labelledby="you">
          <header>
            <h2 id="you">You</h2>
            <p>An administrator changes names and roles.</p>
          </header>
          <div className={css.content}>
            <PersonName name={me.name} size={28} />
            <p className={css.quiet}>{me.email}</p>
            <div className={css.badges}>
              {me.roles.map((role) => (
                <Badge key={role} tone="outline">
                  {ROLE_LABELS[role]}
                </Badge>
              ))}
            </div>
          </div>
        </section>
        <section className={css.section} aria-labelledby="look">
          <header>
            <h2 id="look">Appearance</h2>
            <p>The editor is always dark: images are easier to read that way.</p>
          </header>
          <div className={css.content}>
            <ThemeToggle words />
            <p className={css.quiet}>
              <Kbd>Ctrl K</Kbd> opens search and commands on every page.
            </p>
          </div>
        </section>
        {isInspector || isMaintainer(me) ? (
          <section className={css.section} aria-labelledby="samples">
            <header>
              <h2 id="samples">Random samples</h2>
              <p>By which inspectors vouch for frames that they did not open, in all recordings.</p>
            </header>
            <InspectionRuleForm mayChange={isMaintainer(me)} />
          </section>
        ) : null}
        <section className={css.section} aria-labelledby="password">
          <header>
            <h2 id="password">Password</h2>
            <p>Changing it logs you out everywhere else and ends your API tokens.</p>
          </header>
          <PasswordForm isDemo={me.is_demo} />
        </section>
        <section className={css.section} aria-labelledby="tokens">
          <header>
            <h2 id="tokens">API tokens</h2>
            <p>
              For scripts and for the command <code>infantnet</code>. A token may never do more than
              you may; a new password ends all of them.
            </p>
          </header>
          <Tokens />
        </section>
      </div>
      {system ? (
        <p className={css.version}>
          InfantNet {system.version} · files on {system.storage === 's3' ? 'S3' : 'this server'} ·{' '}
          <a href="/api/v1/docs" className={css.inText}>
            HTTP interface
          </a>
        </p>
      ) : null}
    </Page>
  );
}
