import type { Daemon } from '../daemon/daemon.js';
import { describeReport } from '../reload/report.js';
import type { Terminal } from './terminal.js';

/** Prints what happens to the endpoints, with the time that each took to settle. */
export function printEvents({ events, reloading }: Daemon, terminal: Terminal): void {
  const began = new Map<string, number>();
  events.on('step', ({ endpointName, text }) => terminal.line(`${endpointName}: ${text}`));
  reloading.events.on('notice', ({ endpointName, text }) =>
    terminal.line(`${endpointName}: ${text}`),
  );
  reloading.events.on('report', (report) => {
    terminal.clear();
    terminal.line(`${report.endpointName}: ${describeReport(report)}`);
  });
  events.on('progress', ({ endpointName, progress }) => {
    void terminal.progress(endpointName, progress);
  });
  events.on('status', ({ endpointName, status, reason }) => {
    terminal.clear();
    const settled = ['InService', 'Failed', 'Deleted'].includes(status);
    const start = began.get(endpointName);
    if (settled) began.delete(endpointName);
    else if (start === undefined) began.set(endpointName, performance.now());
    const took =
      settled && start !== undefined ? ` after ${seconds(performance.now() - start)}` : '';
    terminal.line(
      `${endpointName}: ${status}${took}${reason === undefined ? '' : `\n  ${reason}`}`,
    );
  });
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}
