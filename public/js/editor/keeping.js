/* Nothing typed is lost: what is written goes to the server a moment after it was, and to this browser at once. And who else is there is told. */
const RETRY = 10_000;
const LOOK = 15_000;

export function keeping({ id, person, draft, tell, around }) {
  const place = `message-draft/${id}/${person}`;
  let waiting;
  let running = false;
  let isAgain = false;
  let stopped = false;

  const store = (text) => {
    try {
      if (text === undefined) localStorage.removeItem(place);
      else localStorage.setItem(place, text);
    } catch {
      /* A full or closed store: the server has it. */
    }
  };

  const send = async () => {
    if (stopped) return;
    if (running) {
      isAgain = true;
      return;
    }
    running = true;
    isAgain = false;
    const text = JSON.stringify(draft());
    tell('keeping');
    try {
      const answer = await post(`/console/messages/${id}/drafts`, text);
      if (!answer.ok) throw new Error(String(answer.status));
      if (stopped) return;
      store(undefined);
      tell(isAgain ? 'keeping' : 'kept');
      around(await answer.json());
    } catch {
      if (stopped) return;
      tell('notKept');
      waiting = setTimeout(send, RETRY);
    } finally {
      running = false;
      if (isAgain && !stopped) void send();
    }
  };

  const look = async () => {
    if (document.hidden) return;
    const answer = await post(`/console/messages/${id}/presences`, JSON.stringify({ base: draft().base })).catch(() => undefined);
    if (answer?.ok) around(await answer.json());
  };
  setInterval(() => void look(), LOOK);

  return {
    /** Something was written. */
    changed() {
      stopped = false;
      store(JSON.stringify({ ...draft(), at: Date.now() }));
      tell('unsaved');
      clearTimeout(waiting);
      waiting = setTimeout(() => void send(), 1_000);
    },
    /** All of it is a version now. */
    done() {
      stopped = true;
      clearTimeout(waiting);
      store(undefined);
    },
    /** What this browser has that the server never got. */
    left() {
      try {
        return JSON.parse(localStorage.getItem(place) ?? 'null') ?? undefined;
      } catch {
        return undefined;
      }
    },
  };
}

export const post = (url, body) => fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', accept: 'application/json' } });
