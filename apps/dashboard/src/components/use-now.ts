import { useEffect, useState } from 'react';
import { coordinatorNow } from '../api/connection.js';

/** The coordinator's time, renewed every second, for ages and elapsed times. */
export function useNow(): number {
  const [now, setNow] = useState(coordinatorNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(coordinatorNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
