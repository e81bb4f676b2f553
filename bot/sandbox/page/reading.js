/** What the user has read: kept for each account as long as the tab lives, as Discord keeps it with the account. */

import { on, session } from "./session.js";

const KEPT = "read";
const MOST_COUNTED = 50;
/** @type {Record<string, Record<string, string>>} the newest message that an account has seen, by channel */
const read = recalled();

/**
 * The user has seen all of a place.
 * @param {string} channelId
 * @returns {string | null} the first message of it that was new, where one was
 */
export function seen(channelId) {
  const { store, me } = /** @type {import("./client.js").Client} */ (session.client);
  const newest = store.channel(channelId)?.last_message_id;
  const first = store.read(channelId);
  if (!newest || read[me.id]?.[channelId] === newest) return first;
  read[me.id] = { ...read[me.id], [channelId]: newest };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(read));
  } catch {
    // Where nothing may be kept, more is new after a reload.
  }
  return first;
}

function recalled() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

const isAfter = (/** @type {string} */ id, /** @type {string | undefined} */ other) => BigInt(id) > BigInt(other ?? 0);

/** After a login: what came while somebody else was logged in here. */
function catchUp() {
  const { store, me } = /** @type {import("./client.js").Client} */ (session.client);
  const places = [...store.dms.values(), ...[...store.guilds.values()].flatMap((guild) => store.visible(guild))];
  for (const { id, last_message_id: newest } of places) {
    const last = read[me.id]?.[id];
    if (!newest || store.unread.has(id) || !isAfter(newest, last)) continue;
    store.unread.set(id, 0);
    if (store.dms.has(id)) void count(id, last);
  }
}

/** Of direct messages it is said how many are new. */
async function count(channelId, last) {
  const client = session.client;
  const path = `/channels/${channelId}/messages?limit=${MOST_COUNTED}${last ? `&after=${last}` : ""}`;
  const found = (await client?.rest("GET", path).catch(() => null)) ?? [];
  if (client !== session.client || !client?.store.unread.has(channelId)) return;
  const others = found.filter((/** @type {any} */ one) => one.author.id !== client.me.id).length;
  if (others) client.store.unread.set(channelId, others);
  else client.store.unread.delete(channelId);
  document.dispatchEvent(new CustomEvent("unread"));
}

on("ready", catchUp);
