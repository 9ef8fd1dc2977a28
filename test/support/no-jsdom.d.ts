/* Vitest's types would bring in those of jsdom, and they the browser's globals: tests of Lightning components alone need jsdom. */
export {};
