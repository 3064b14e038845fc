import { useNavigate } from '@tanstack/react-router';
import type { Destination } from './navigation';

/** Goes to one of the pages in the navigation. */
export function useNavigateTo(): (to: Destination['to']) => void {
  const navigate = useNavigate();
  return (to) => {
    void navigate({ to });
  };
}
