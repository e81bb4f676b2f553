/** What the store knows of the place that is looked at, as pickers and palettes show it. */

import { inChannel } from "./permissions.js";
import { session } from "./session.js";

/**
 * The permission bits of the user in a channel; null in direct messages.
 * @param {{guildId: string | null, channelId: string | null}} place
 * @returns {bigint | null}
 */
export function bitsAt({ guildId, channelId }) {
  const { store, me } = session.client;
  const guild = store.guilds.get(guildId ?? "");
  const channel = store.channel(channelId);
  if (!guildId) return null;
  return guild && channel ? inChannel(guild, channel, guild.members.get(me.id)) : 0n;
}

/**
 * Everyone there is to pick at a place, by name.
 * @param {{guildId: string | null, channelId: string | null}} place
 * @returns {{id: string, name: string, username: string, bot: boolean}[]}
 */
export function people({ guildId, channelId }) {
  const { store, me } = session.client;
  const guild = store.guilds.get(guildId ?? "");
  const users = guild
    ? [...guild.members.values()].map((member) => member.user)
    : [me, ...(store.channel(channelId)?.recipients ?? [])];
  const named = users.map((user) => ({
    id: user.id,
    name: store.userName(user.id, guildId),
    username: user.username,
    bot: Boolean(user.bot),
  }));
  return named.sort((one, other) => one.name.localeCompare(other.name));
}

/**
 * The roles of a place's server, the highest first.
 * @param {{guildId: string | null}} place
 * @returns {{id: string, name: string, mentionable: boolean}[]}
 */
export function roles({ guildId }) {
  const found = [...(session.client.store.guilds.get(guildId ?? "")?.roles.values() ?? [])];
  return found
    .sort((one, other) => other.position - one.position)
    .map(({ id, name, mentionable }) => ({ id, name: name.replace(/^@/, ""), mentionable: Boolean(mentionable) }));
}

/**
 * The channels that show for the user, in the order of the list.
 * @param {{guildId: string | null}} place
 * @param {number[]} kinds the types that may be picked; all where it is empty
 * @returns {{id: string, name: string, parent: string | undefined, isArchived: boolean}[]}
 */
export function channels({ guildId }, kinds) {
  const { store } = session.client;
  const guild = store.guilds.get(guildId ?? "");
  const visible = guild ? store.visible(guild) : [];
  return visible
    .filter((channel) => kinds.length === 0 || kinds.includes(channel.type))
    .sort((one, other) => (one.position ?? 0) - (other.position ?? 0))
    .map(({ id, name, parent_id: parent, thread_metadata: thread }) => ({
      id,
      name,
      parent: guild.channels.get(parent)?.name,
      isArchived: Boolean(thread?.archived),
    }));
}

/**
 * The name of the bot of an application, which has its application's id.
 * @param {string} id
 * @param {string | null} guildId
 */
export function applicationName(id, guildId) {
  return session.client.store.userName(id, guildId);
}
