/** Which place of a server is shown first, and what order places have. */

import { session } from "./session.js";

const CATEGORY = 4;
const TALK = new Set([0, 5, 15]);
/** @type {Map<string, string>} where one was last, by server */
const last = new Map();

/**
 * The channels of a guild that show, without threads, as the list has them: by category, each by position.
 * @param {any} guild
 * @returns {Array<{category: any | null, channels: any[]}>}
 */
export function groups(guild) {
  const store = /** @type {any} */ (session.client).store;
  const byPlace = (one, other) => one.position - other.position || (BigInt(one.id) < BigInt(other.id) ? -1 : 1);
  const all = [...guild.channels.values()].filter((one) => !one.thread_metadata).sort(byPlace);
  const shown = new Set(store.visible(guild));
  const within = (/** @type {string | null} */ id) => all.filter((one) => one.type !== CATEGORY && (one.parent_id ?? null) === id && shown.has(one));
  const categories = all.filter((one) => one.type === CATEGORY).map((category) => ({ category, channels: within(category.id) }));
  return [{ category: null, channels: within(null) }, ...categories].filter((one) => one.channels.length);
}

/**
 * Where to go in a server: where one was last, else its first channel; null where none shows.
 * @param {string | null} guildId null for direct messages
 * @returns {string | null}
 */
export function firstChannel(guildId) {
  const store = session.client?.store;
  if (!store) return null;
  const before = last.get(guildId ?? "@me");
  if (before && sees(before)) return before;
  if (guildId === null) return [...store.dms.keys()].pop() ?? null;
  const guild = store.guilds.get(guildId);
  const all = guild ? groups(guild).flatMap((one) => one.channels) : [];
  return (all.find((one) => TALK.has(one.type)) ?? null)?.id ?? null;
}

/**
 * Whether a place shows for the user.
 * @param {string | null} channelId
 */
export function sees(channelId) {
  const store = session.client?.store;
  if (!store || !channelId) return false;
  const guild = store.guildOf(channelId);
  return guild ? store.visible(guild).some((one) => one.id === channelId) : store.dms.has(channelId);
}

document.addEventListener("moved", (event) => {
  const { guildId, channelId } = /** @type {CustomEvent} */ (event).detail;
  if (channelId) last.set(guildId ?? "@me", channelId);
});
