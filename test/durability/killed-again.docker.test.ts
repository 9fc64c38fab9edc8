import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { EndpointStatusLine } from '../../src/daemon/status.js';
import { docker, removeImages } from '../containers/test-image.js';
import { ask, makeEchoImage, serve } from '../support/echo.js';
import { useDaemon } from '../support/test-daemon.js';

const IMAGE = 'smlocal-test/killed-again:1';

const server = useDaemon();

beforeAll(() => makeEchoImage(IMAGE));
afterAll(() => removeImages(IMAGE));

/** What the endpoint's next attempt is announced with, and what `smlocal status` shows at that moment. */
function nextAttempt(name: string) {
  const { events } = server.daemon;
  return new Promise<{ text: string; shown: EndpointStatusLine | undefined }>((resolve) => {
    const take = ({ text }: { text: string }) => {
      if (!text.startsWith('trying again')) return;
      events.off('step', take);
      const lines = server.daemon.endpointLines();
      resolve({ text, shown: lines.find(({ EndpointName }) => EndpointName === name) });
    };
    events.on('step', take);
  });
}

test('A container that is killed again and again is started at once, then after pauses that grow, and the endpoint says so', async () => {
  await serve(server, 'e', { Image: IMAGE });
  for (const when of ['now', 'in 1 s', 'in 2 s', 'in 4 s']) {
    const [id = ''] = await server.containers('e');
    const attempt = nextAttempt('e');
    await docker('kill', id);
    const { text, shown } = await attempt;
    expect(text).toBe(`trying again ${when}: container ${id.slice(0, 12)} has stopped`);
    expect(shown).toMatchObject({ EndpointStatus: 'InService', activity: text, containers: [] });
    await vi.waitFor(async () => expect(await ask(server, 'e', 'x')).toBe('1:x'), {
      timeout: 30_000,
      interval: 50,
    });
    expect(await server.containers('e')).not.toContain(id);
  }
  // What was said of the way up is no longer so.
  await vi.waitFor(() => expect(server.daemon.endpointLines()).toMatchObject([{ activity: null }]));
});
