import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 1_000;

/**
 * Asks until the server of process `pid` answers PING on this loopback port (true) or the signal says enough (false).
 * The pid matters: on a port that was taken another server would answer in its place.
 */
export async function answersAs(pid: number, port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await answersOnce(pid, port)) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** While it reads its data a server answers `-LOADING`, which is not yet. */
async function answersOnce(pid: number, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const settle = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.write('PING\r\nINFO server\r\n'));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const answerer = /process_id:(\d+)\r/.exec(text)?.[1];
      if (!'+PONG\r\n'.startsWith(text.slice(0, 7))) settle(false);
      else if (answerer !== undefined) settle(Number(answerer) === pid);
    });
  });
}
