/** Which place is looked at. The address's hash keeps it: `#/guild/channel`, `#/@me/channel` for direct messages. */

/** @type {{guildId: string | null, channelId: string | null, messageId: string | null}} */
export const here = { guildId: null, channelId: null, messageId: null };

/**
 * Look at a place; "moved" is then told on the document.
 * @param {string | null} guildId null for direct messages
 * @param {string | null} channelId
 * @param {string | null} [messageId] a message to show
 */
export function go(guildId, channelId, messageId = null) {
  Object.assign(here, { guildId, channelId, messageId });
  const hash = placeHash(guildId, channelId);
  const before = placeOfAddress();
  // A message that the address named was shown: going back is not to lead to it first.
  if (before?.channelId === channelId && before?.messageId) history.replaceState(null, "", hash);
  else if (location.hash !== hash) history.pushState(null, "", hash);
  document.dispatchEvent(new CustomEvent("moved", { detail: { ...here } }));
}

/**
 * A place as the address has it.
 * @param {string | null} guildId
 * @param {string | null} channelId
 * @param {string | null} [messageId]
 */
export function placeHash(guildId, channelId, messageId = null) {
  return `#/${[guildId ?? "@me", channelId, messageId].filter(Boolean).join("/")}`;
}

/**
 * The place that the address names, if it names one.
 * @returns {{guildId: string | null, channelId: string | null, messageId: string | null} | null}
 */
export function placeOfAddress() {
  const found = /^#\/(@me|\d+)(?:\/(\d+))?(?:\/(\d+))?$/.exec(location.hash);
  if (!found) return null;
  return { guildId: found[1] === "@me" ? null : found[1], channelId: found[2] ?? null, messageId: found[3] ?? null };
}
