/** Discord's permission bits, and how they combine for a member in a channel (its documentation, "Permissions"). */

export const ADMINISTRATOR = 1n << 3n;
export const VIEW_CHANNEL = 1n << 10n;
export const SEND_MESSAGES = 1n << 11n;
export const MANAGE_MESSAGES = 1n << 13n;
export const ATTACH_FILES = 1n << 15n;
export const READ_MESSAGE_HISTORY = 1n << 16n;
export const MENTION_EVERYONE = 1n << 17n;
export const USE_APPLICATION_COMMANDS = 1n << 31n;
export const MANAGE_THREADS = 1n << 34n;
export const CREATE_PUBLIC_THREADS = 1n << 35n;
export const SEND_MESSAGES_IN_THREADS = 1n << 38n;
const ALL = (1n << 53n) - 1n;
const IN_A_DM = VIEW_CHANNEL | SEND_MESSAGES | ATTACH_FILES | READ_MESSAGE_HISTORY | USE_APPLICATION_COMMANDS;
const WHEN_TIMED_OUT = VIEW_CHANNEL | READ_MESSAGE_HISTORY;
export const THREADS = new Set([10, 11, 12]);

/**
 * A member's bits in the whole guild.
 * @param {any} guild
 * @param {any} member
 * @returns {bigint}
 */
export function inGuild(guild, member) {
  if (!member) return 0n;
  if (guild.owner_id === member.user.id) return ALL;
  let bits = 0n;
  for (const id of [guild.id, ...member.roles]) bits |= BigInt(guild.roles.get(id)?.permissions ?? 0);
  return bits & ADMINISTRATOR ? ALL : timedOut(member, bits);
}

/**
 * A member's bits in a channel of a guild, 0 where it does not show for them; `guild` is null for direct messages.
 * @param {any} guild
 * @param {any} channel
 * @param {any} member
 * @returns {bigint}
 */
export function inChannel(guild, channel, member) {
  if (!guild) return IN_A_DM;
  let bits = inGuild(guild, member);
  if (bits & ADMINISTRATOR) return bits;
  const place = THREADS.has(channel.type) ? guild.channels.get(channel.parent_id) : channel;
  if (!place || !member) return 0n;
  const overwrites = place.permission_overwrites ?? [];
  for (const ids of [[guild.id], member.roles, [member.user.id]]) {
    const fitting = overwrites.filter((/** @type {any} */ one) => ids.includes(one.id));
    for (const one of fitting) bits &= ~BigInt(one.deny);
    for (const one of fitting) bits |= BigInt(one.allow);
  }
  bits = timedOut(member, bits);
  return bits & VIEW_CHANNEL ? bits : 0n;
}

/**
 * Until when a member is timed out, or null.
 * @param {any} member
 * @returns {Date | null}
 */
export function timedOutUntil(member) {
  const until = member?.communication_disabled_until ? new Date(member.communication_disabled_until) : null;
  return until && until.getTime() > Date.now() ? until : null;
}

function timedOut(member, bits) {
  return timedOutUntil(member) ? bits & WHEN_TIMED_OUT : bits;
}
