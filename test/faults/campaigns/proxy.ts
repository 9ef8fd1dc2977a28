import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a database that a test may cut, refuse and slow down. */
export async function startProxy(port: number) {
  const sockets = new Set<Socket>();
  let isOpen = true;
  let delay = 0;
  const server = createServer((socket) => {
    if (!isOpen) {
      socket.destroy();
      return;
    }
    const onward = connect({ host: '127.0.0.1', port });
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from);
      let due = 0;
      from.on('data', (data) => {
        const at = performance.now();
        if (delay === 0 && due <= at) {
          to.write(data);
          return;
        }
        /* Nothing overtakes what came before it. */
        due = Math.max(due + 0.1, at + delay);
        setTimeout(() => to.writable && to.write(data), due - at);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    /** Every connection breaks; new ones are taken. */
    reset,
    /** Nobody comes through until it is opened again. */
    shut: () => {
      isOpen = false;
      reset();
    },
    open: () => {
      isOpen = true;
    },
    /** Each way takes that much longer. */
    slow: (milliseconds: number) => {
      delay = milliseconds;
    },
    close: () => {
      reset();
      server.close();
    },
  };
}
