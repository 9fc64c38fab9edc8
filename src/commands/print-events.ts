import type { Daemon } from '../daemon/daemon.js';
import { describeReport } from '../reload/report.js';
import type { Terminal } from './terminal.js';

/** Prints what happens to the endpoints, with the time that each took to settle. */
export function printEvents({ events, reloading }: Daemon, terminal: Terminal): void {
  const began = new Map<string, number>();
  events.on('step', ({ endpointName, text }) => terminal.line(`${endpointName}: ${text}`));
  const notice = ({ endpointName, text }: { endpointName: string; text: string }) =>
    terminal.line(`${endpointName}: ${text}`);
  events.on('notice', notice);
  reloading.events.on('notice', notice);
  reloading.events.on('report', (report) => {
    terminal.clear();
    const text = describeReport(report);
    // Why a new container did not come up has just been said, as the endpoint's own FailureReason.
    const said = report.tier === 'replace' && report.failure !== undefined;
    terminal.line(`${report.endpointName}: ${said ? headline(text) : text}`);
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
    // After a rollback the endpoint keeps its FailureReason; once is enough here.
    const why = reason === undefined || status === 'InService' ? '' : `\n  ${reason}`;
    terminal.line(`${endpointName}: ${status}${took}${why}`);
  });
}

function headline(text: string): string {
  return text.split('\n', 1).join('');
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}
