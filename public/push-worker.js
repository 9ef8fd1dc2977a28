/* Shows what the company sends by web push, and opens what it is about. One of the same tag takes the place of the other. */
addEventListener('push', (event) => {
  const { title, body, url, tag } = event.data?.json() ?? {};
  if (title) event.waitUntil(registration.showNotification(title, { body, tag, data: { url }, icon: '/images/favicon.svg' }));
});

addEventListener('notificationclick', (event) => {
  event.notification.close();
  if (/^https?:/.test(event.notification.data?.url ?? '')) event.waitUntil(clients.openWindow(event.notification.data.url));
});
