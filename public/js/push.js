/* Has this browser show messages of the company; it asks for permission when its button is pressed, never before. */
behaviour('push', async (section) => {
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis))
    return;
  const [on, off, status] = ['on', 'off', 'status'].map((part) =>
    section.querySelector(`[data-part="${part}"]`),
  );
  const worker = await navigator.serviceWorker.register('/push-worker.js');

  const show = (subscription, words = '') => {
    on.hidden = subscription !== null;
    off.hidden = subscription === null;
    status.textContent = words;
  };
  const post = async (path, fields) => {
    const answer = await fetch(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'error',
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  };
  const failed = () => {
    status.textContent = section.dataset.failed;
  };

  on.addEventListener('click', async () => {
    try {
      if ((await Notification.requestPermission()) !== 'granted') {
        status.textContent = section.dataset.denied;
        return;
      }
      const options = { userVisibleOnly: true, applicationServerKey: section.dataset.key };
      const subscription = await worker.pushManager.subscribe(options);
      const { endpoint, keys } = subscription.toJSON();
      await post('/portal/push-subscriptions', { endpoint, ...keys });
      show(subscription, section.dataset.started);
    } catch {
      failed();
    }
  });
  off.addEventListener('click', async () => {
    try {
      const subscription = await worker.pushManager.getSubscription();
      if (subscription) {
        await post('/portal/push-subscriptions/endings', { endpoint: subscription.endpoint });
        await subscription.unsubscribe();
      }
      show(null, section.dataset.ended);
    } catch {
      failed();
    }
  });

  show(await worker.pushManager.getSubscription());
  section.hidden = false;
});
