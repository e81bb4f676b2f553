/** The message that a thread was begun from: it stands in the thread's channel, and above what was said in the thread. */

import { READ_MESSAGE_HISTORY } from "./permissions.js";

const FORUM = 15;

/**
 * Ask for the message that a place was begun from, where it is a thread.
 * @param {import("./client.js").Client} client
 * @param {any} place
 * @returns {Promise<void>}
 */
export async function loadStarter(client, place) {
  const { store } = client;
  const { id, parent_id: parentId } = place;
  const parent = store.channel(parentId);
  // A forum's post begins with its own first message.
  if (!place.thread_metadata || !parent || parent.type === FORUM || store.starters.has(id)) return;
  if (!store.may(parentId, READ_MESSAGE_HISTORY)) return;
  // A thread may have been begun from none: then this finds another one, and no refusal.
  const found = await client.rest("GET", `/channels/${parentId}/messages?around=${id}&limit=1`).catch(() => []);
  store.starters.set(id, found.find((/** @type {any} */ one) => one.id === id) ?? null);
}
