/*
 * Tells Rapport how a product is used. One tag in the product's pages:
 *
 *   <script async src="https://support.example.com/js/sensor.js" data-key="WRITE_KEY"
 *           data-user="42" data-account="halden" data-module="Restore"></script>
 *
 * Pages and active time are told by themselves; anything more by window.rapport:
 *   rapport.identify(userId, traits)   rapport.group(accountId, traits)   rapport.track(event, properties)   rapport.page(name)
 * Messages of campaigns are shown to whoever the product's server proves to be here: data-proof, the HMAC-SHA256 of data-user under the source's secret.
 * What is told while the network is away waits in this browser and is sent later, once.
 */
(() => {
  const tag = document.currentScript;
  if (!tag?.dataset.key) return;
  const { key, user, account, module, proof } = tag.dataset;
  const { origin } = new URL(tag.src);
  const to = `${origin}/v1/batch`;
  const STORE = `rapport.${key}`;
  const own = `${STORE}.${crypto.randomUUID()}`;
  const [FLUSH, BEAT, IDLE, MOST, TOGETHER] = [2_000, 60_000, 30_000, 500, 50];

  const kept = read(STORE);
  const known = {
    anonymousId: kept.anonymousId ?? crypto.randomUUID(),
    userId: user ?? kept.userId,
    groupId: account ?? kept.groupId,
  };
  let waiting = adopt();
  let isSending = false;
  let lastActive = Date.now();
  let seconds = 0;
  let path;

  function read(name) {
    try {
      return JSON.parse(localStorage.getItem(name) ?? '{}');
    } catch {
      return {};
    }
  }

  /* What other pages left behind. One that is still open may send the same: a message counts once. */
  function adopt() {
    try {
      const names = Object.keys(localStorage).filter((name) => name.startsWith(`${STORE}.`));
      const left = names.flatMap((name) => read(name).waiting ?? []);
      for (const name of names) localStorage.removeItem(name);
      return left.slice(-MOST);
    } catch {
      return [];
    }
  }

  function keep() {
    try {
      localStorage.setItem(STORE, JSON.stringify(known));
      if (waiting.length > 0) localStorage.setItem(own, JSON.stringify({ waiting }));
      else localStorage.removeItem(own);
    } catch {
      /* A browser that keeps nothing sends at once, or not at all. */
    }
  }

  function tell(type, more) {
    const context = { groupId: known.groupId, page: { path: location.pathname, title: document.title } };
    waiting.push({
      type,
      messageId: crypto.randomUUID(),
      timestamp: new Date().toISOString(),
      anonymousId: known.anonymousId,
      userId: known.userId,
      context,
      ...more,
    });
    waiting = waiting.slice(-MOST);
    keep();
  }

  /** The module that an element or the page belongs to: data-module on it or around it, else that of the tag. */
  const moduleOf = (element) => element?.closest?.('[data-module]')?.dataset.module ?? module;

  const body = (batch) => JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch });

  async function send() {
    if (isSending || waiting.length === 0 || navigator.onLine === false) return;
    isSending = true;
    const batch = waiting.slice(0, TOGETHER);
    try {
      const answer = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: body(batch),
        keepalive: true,
      });
      /* What is refused for good would be refused again; what may go later stays. */
      if (answer.ok || (answer.status < 500 && answer.status !== 429)) forget(batch);
    } catch {
      /* The network is away: it waits. */
    }
    isSending = false;
  }

  function forget(batch) {
    const sent = new Set(batch.map(({ messageId }) => messageId));
    waiting = waiting.filter(({ messageId }) => !sent.has(messageId));
    keep();
  }

  /* A page that is being left has no time for an answer; what a browser did not take over waits for the next page. */
  function sendLast() {
    beat();
    const batch = waiting.slice(0, TOGETHER);
    if (batch.length > 0 && navigator.sendBeacon?.(to, body(batch))) forget(batch);
  }

  function page(name) {
    beat();
    path = location.pathname;
    tell('page', { name: name ?? document.title, properties: { path, module: moduleOf(document.body) } });
  }

  /* Time counts while the page is seen and somebody did something within half a minute. */
  function count() {
    if (document.visibilityState === 'visible' && Date.now() - lastActive < IDLE) seconds += 1;
    if (seconds * 1000 >= BEAT) beat();
    if (path !== location.pathname) page();
  }

  function beat() {
    if (seconds === 0) return;
    tell('track', {
      event: 'Active time',
      properties: { activeSeconds: seconds, module: moduleOf(document.body) },
    });
    seconds = 0;
  }

  /* The script that shows messages comes only when there are any. */
  async function look() {
    const answer = await fetch(`${origin}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ writeKey: key, userId: user, proof }),
    });
    const { messages } = await answer.json();
    if (messages?.length > 0) (await import(`${origin}/js/sensor/messages.js`)).show(messages, { key, origin });
  }

  window.rapport = {
    identify(userId, traits) {
      known.userId = userId;
      tell('identify', { traits });
    },
    group(groupId, traits) {
      known.groupId = groupId;
      tell('group', { groupId, traits });
    },
    track: (event, properties) =>
      tell('track', { event, properties: { module: moduleOf(document.activeElement), ...properties } }),
    page,
  };

  for (const event of ['pointerdown', 'keydown', 'scroll', 'pointermove'])
    addEventListener(event, () => (lastActive = Date.now()), { passive: true, capture: true });
  document.addEventListener('click', ({ target }) => {
    const named = target.closest?.('[data-track]');
    if (named) tell('track', { event: named.dataset.track, properties: { module: moduleOf(named) } });
  });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && sendLast());
  addEventListener('pagehide', sendLast);
  addEventListener('online', send);
  setInterval(count, 1_000);
  setInterval(send, FLUSH);
  page();
  send();
  if (user && proof) look().catch(() => undefined);
})();
