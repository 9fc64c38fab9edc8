import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux: jiffies in a second. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has taken so far, in seconds; Linux. @param {number} pid */
export function processorSeconds(pid) {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ')
    .slice(11, 13);
  return (Number(utime) + Number(stime)) / TICKS_PER_SECOND;
}

/** Files, sockets and the like that a process has open; Linux. @param {number} pid */
export function openHandles(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}
