/** Who is logged in at the moment. Whoever listens hears of every client that comes after, too. */

/** @type {{client: import("./client.js").Client | null}} */
export const session = { client: null };

/** @type {Array<[string, (event: CustomEvent) => void]>} */
const listeners = [];

/**
 * Make a client the one of the page; "session" is then told on the document. The one before is closed.
 * @param {import("./client.js").Client} client
 */
export function use(client) {
  session.client?.close();
  session.client = client;
  for (const [name, listener] of listeners) client.addEventListener(name, listener);
  document.dispatchEvent(new CustomEvent("session", { detail: { client } }));
}

/**
 * Hear of gateway events (by Discord's names) of whichever client is the page's, after the state has taken them in.
 * @param {string | string[]} names
 * @param {(data: any, name: string) => void} listener
 */
export function on(names, listener) {
  for (const name of [names].flat()) {
    const heard = (/** @type {CustomEvent} */ event) => listener(event.detail, name);
    listeners.push([name, heard]);
    session.client?.addEventListener(name, heard);
  }
}
