import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { ArrowRight, FlaskConical } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { errorMessage, isStatus } from '@/shared/api/problem';
import { demoLoginsQuery, meQuery, useLogin } from '@/shared/api/queries/accounts';
import type { DemoLogin } from '@/shared/api/types';
import { ROLE_LABELS } from '@/shared/domain/words';
import { Avatar, Button, cx, Field, Input, Notice, ThemeToggle } from '@/shared/ui';
import { knowPeople } from '@/shared/ui/people';
import css from './LoginPage.module.css';

function DemoCards({
  logins,
  onChoose,
  busyEmail,
}: {
  logins: DemoLogin[];
  onChoose: (login: DemoLogin) => void;
  busyEmail: string | null;
}) {
  return (
    <section className={css.demo} aria-labelledby="demo-title">
      <h2 id="demo-title">
        <FlaskConical size={16} aria-hidden />
        This is a demo
      </h2>
      <p>
        Its recordings are rendered, no real child is shown. Enter as one of these people; nobody
        inspects what they annotated, so the work goes from hand to hand.
      </p>
      <ul>
        {logins.map((login) => (
          <li key={login.email}>
            <button
              type="button"
              className={css.card}
              onClick={() => onChoose(login)}
              disabled={busyEmail !== null}
              aria-busy={busyEmail === login.email}
            >
              <Avatar name={login.name} size={32} />
              <span>
                <strong>{login.name}</strong>
                <span>{login.roles.map((r) => ROLE_LABELS[r]).join(', ')}</span>
              </span>
              <ArrowRight size={16} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export default function LoginPage() {
  const { next } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const router = useRouter();
  const { data: me } = useQuery(meQuery);
  const { data: demoLogins = [] } = useQuery(demoLoginsQuery);
  useEffect(() => {
    if (demoLogins.length) knowPeople(demoLogins.map((login) => login.name));
  }, [demoLogins]);
  const login = useLogin();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');

  useEffect(() => {
    document.title = 'Log in · InfantNet';
  }, []);

  useEffect(() => {
    if (!me) return;
    if (next) router.history.replace(next);
    else void navigate({ to: '/', replace: true });
  }, [me, next, navigate, router]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ email, password });
  };
  const refusal = login.error
    ? isStatus(login.error, 401)
      ? 'This e-mail address and password do not match. Check both, or ask an administrator for a new password.'
      : errorMessage(login.error)
    : null;

  return (
    <main className={css.page}>
      <div className={cx(css.box, demoLogins.length > 0 && css.wide)}>
        <header className={css.head}>
          <img src="/static/icon.svg" alt="" width={40} height={40} />
          <h1>InfantNet</h1>
          <p>Annotation and curation of infant pose datasets</p>
        </header>
        <form onSubmit={submit} className={css.form}>
          <Field label="E-mail">
            {(control) => (
              <Input
                {...control}
                type="email"
                name="email"
                autoComplete="username"
                required
                autoFocus
                value={email}
                onChange={(e) => setEmail(e.target.value)}
              />
            )}
          </Field>
          <Field label="Password">
            {(control) => (
              <Input
                {...control}
                type="password"
                name="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(e) => setPassword(e.target.value)}
              />
            )}
          </Field>
          {refusal ? <Notice tone="error">{refusal}</Notice> : null}
          <Button type="submit" variant="primary" busy={login.isPending}>
            Log in
          </Button>
        </form>
        {demoLogins.length ? (
          <DemoCards
            logins={demoLogins}
            busyEmail={login.isPending ? (login.variables?.email ?? null) : null}
            onChoose={(d) => login.mutate({ email: d.email, password: d.password })}
          />
        ) : (
          <p className={css.help}>
            No account yet? An administrator adds people on the page Team, or with{' '}
            <code>infantnet users add</code>.
          </p>
        )}
        <div className={css.theme}>
          <ThemeToggle />
        </div>
      </div>
    </main>
  );
}
