import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { isStatus } from '@/shared/api/problem';
import { buttonClass, EmptyState, ErrorState, SkeletonRows } from '@/shared/ui';
import { Page } from './Page';

export function NotFoundPage() {
  return (
    <Page title="Not found" bare>
      <EmptyState
        icon={<Compass size={20} />}
        title="There is no such page"
        actions={
          <Link to="/" className={buttonClass({ variant: 'primary' })}>
            Go to my work
          </Link>
        }
      >
        The address may be mistyped, or what it showed was deleted.
      </EmptyState>
    </Page>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (isStatus(error, 404)) return <NotFoundPage />;
  return (
    <Page title="Error" bare>
      <ErrorState
        title="This page could not be shown"
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
        actions={
          <Link to="/" className={buttonClass()}>
            Go to my work
          </Link>
        }
      />
    </Page>
  );
}

export function PagePending() {
  return (
    <Page title="Loading" bare>
      <SkeletonRows rows={8} />
    </Page>
  );
}
