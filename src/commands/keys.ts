import type { Daemon } from '../daemon/daemon.js';
import { renderStatus } from './status.js';
import type { Terminal } from './terminal.js';

const HELP = 'Keys: r reload, s status, l logs of the containers on or off, q quit';

/**
 * The keys of the foreground terminal; nothing where the input is no terminal.
 * @returns gives the terminal back its ordinary ways
 */
export function listenToKeys(daemon: Daemon, terminal: Terminal): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  let logs: AbortController | undefined;
  const toggleLogs = () => {
    if (logs !== undefined) {
      logs.abort();
      logs = undefined;
      return;
    }
    logs = new AbortController();
    void printLogs(daemon, terminal, logs.signal);
  };
  const actions: Readonly<Record<string, () => void>> = {
    r: () => {
      for (const { EndpointName } of daemon.endpoints)
        void daemon.reloading.reload(EndpointName).catch(() => {});
    },
    s: () => {
      void daemon.status().then((found) => terminal.line(renderStatus(found).trimEnd()));
    },
    l: toggleLogs,
    // Raw mode takes Ctrl-C from the terminal; it comes as this character.
    '\u0003': () => process.kill(process.pid, 'SIGINT'),
    q: () => process.kill(process.pid, 'SIGINT'),
  };
  const onData = (data: Buffer) => {
    for (const key of data.toString('utf8')) (actions[key] ?? (() => terminal.line(HELP)))();
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  terminal.line(HELP);
  return () => {
    logs?.abort();
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

async function printLogs(daemon: Daemon, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const both = AbortSignal.any([signal, daemon.ending]);
  for await (const { endpointName, text } of daemon.logs(undefined, {
    tail: 10,
    follow: true,
    signal: both,
  })) {
    terminal.line(`${endpointName} | ${text}`);
  }
}
