/** What the page knows: fed by gateway events and REST answers, and read by whatever draws. */

import { inChannel, THREADS, VIEW_CHANNEL } from "./permissions.js";

export const EPHEMERAL = 1 << 6;
const MOST_KEPT = 1000;
const keyed = (/** @type {any[]} */ list) => new Map((list ?? []).map((one) => [one.id, one]));

/** The state of one login. */
export class Store {
  /** @param {import("./client.js").Client} client */
  constructor(client) {
    this.client = client;
    /** @type {Map<string, any>} guilds by id; `channels`, `roles` and `members` are maps by id, threads are channels */
    this.guilds = new Map();
    /** @type {Map<string, any>} direct-message channels by id */
    this.dms = new Map();
    /** @type {Map<string, Map<string, any>>} messages by channel and id, in the order of their ids */
    this.messages = new Map();
    /** @type {Map<string, {text: string, tone: string}>} marks by the message's id */
    this.marks = new Map();
    /** @type {Map<string, any>} everyone seen so far, by id */
    this.users = new Map();
    /** @type {Map<string, number>} channels with unread messages, and how many of those mention the user */
    this.unread = new Map();
    /** @type {Map<string, string>} the first unread message of each of these channels */
    this.firstUnread = new Map();
    /** @type {Set<string>} guilds that READY named and that did not come yet with all their members */
    this.awaited = new Set();
    /** @type {Map<string, {more: boolean}>} channels whose newest messages are here, and whether there are older ones */
    this.loaded = new Map();
    /** @type {Map<string, any>} what threads were begun from, by the thread's id, apart from what is read in order */
    this.starters = new Map();
    /** @type {Set<string>} */
    this._deleted = new Set();
  }

  /**
   * The guild of a channel, null for direct messages and channels that are not known.
   * @param {string | null} channelId
   */
  guildOf(channelId) {
    for (const guild of this.guilds.values()) if (guild.channels.has(channelId)) return guild;
    return null;
  }

  /**
   * A channel, thread or direct-message channel.
   * @param {string | null} id
   */
  channel(id) {
    return this.dms.get(id ?? "") ?? this.guildOf(id)?.channels.get(id) ?? null;
  }

  /**
   * The name that somebody goes by.
   * @param {string} id
   * @param {string | null} [guildId]
   */
  userName(id, guildId = null) {
    const member = this.guilds.get(guildId ?? "")?.members.get(id);
    const user = member?.user ?? this.users.get(id);
    return member?.nick || user?.global_name || user?.username || "unknown user";
  }

  /**
   * The colour of a member's highest role that has one, as #rrggbb, or null.
   * @param {any} member
   */
  roleColour(member) {
    const coloured = this.rolesOf(member).find((/** @type {any} */ role) => role.color);
    return coloured ? `#${coloured.color.toString(16).padStart(6, "0")}` : null;
  }

  /**
   * A member's roles, the highest first, without @everyone.
   * @param {any} member
   * @returns {any[]}
   */
  rolesOf(member) {
    const known = this.guilds.get(member?.guild_id ?? "")?.roles;
    const roles = (member?.roles ?? []).map((/** @type {string} */ id) => known?.get(id)).filter(Boolean);
    return roles.sort((/** @type {any} */ one, /** @type {any} */ other) => other.position - one.position);
  }

  /**
   * Whether the user may do something in a channel; bits see `permissions.js`.
   * @param {string | null} channelId
   * @param {bigint} bit
   */
  may(channelId, bit) {
    const channel = this.channel(channelId);
    const guild = this.guildOf(channelId);
    return Boolean(channel && inChannel(guild, channel, guild?.members.get(this.client.me?.id)) & bit);
  }

  /**
   * The channels of a guild that show for the user.
   * @param {any} guild
   * @returns {any[]}
   */
  visible(guild) {
    return [...guild.channels.values()].filter((one) => this.may(one.id, VIEW_CHANNEL));
  }

  /**
   * Whether a message mentions the user, by name, by a role of theirs, or as everyone.
   * @param {any} message
   */
  mentionsMe(message) {
    const me = this.client.me?.id;
    const roles = this.guildOf(message.channel_id)?.members.get(me)?.roles ?? [];
    const isNamed = (message.mentions ?? []).some((/** @type {any} */ one) => one.id === me);
    return isNamed || Boolean(message.mention_everyone) || (message.mention_roles ?? []).some((/** @type {string} */ id) => roles.includes(id));
  }

  /**
   * The messages of a channel that are known, by id.
   * @param {string} channelId
   * @returns {Map<string, any>}
   */
  messagesOf(channelId) {
    if (!this.messages.has(channelId)) this.messages.set(channelId, new Map());
    return /** @type {Map<string, any>} */ (this.messages.get(channelId));
  }

  /**
   * The message that a thread was begun from, as far as it is known.
   * @param {any} thread
   */
  starterOf(thread) {
    return this.messages.get(thread.parent_id)?.get(thread.id) ?? this.starters.get(thread.id) ?? null;
  }

  /**
   * Take in messages that REST gave, in any order.
   * @param {string} channelId
   * @param {any[]} list
   */
  take(channelId, list) {
    const known = this.messagesOf(channelId);
    // What the gateway told while the answer was on its way is newer than the answer.
    const fresh = list.filter((one) => !known.has(one.id) && !this._deleted.has(one.id));
    const all = [...known.values(), ...fresh];
    all.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
    this.messages.set(channelId, new Map(all.map((one) => [one.id, one])));
    for (const one of list) this._meet(one);
  }

  /**
   * Take a channel's messages for read.
   * @param {string} channelId
   * @returns {string | null} the first of them that was not
   */
  read(channelId) {
    const first = this.firstUnread.get(channelId) ?? null;
    this.unread.delete(channelId);
    this.firstUnread.delete(channelId);
    return first;
  }

  /**
   * Take in marks that REST gave; newer ones that the gateway told of meanwhile stay.
   * @param {any[]} list
   */
  takeMarks(list) {
    for (const one of list) if (!this.marks.has(one.message_id)) this.marks.set(one.message_id, one);
  }

  /**
   * Take in a gateway event.
   * @param {string} name
   * @param {any} d
   */
  apply(name, d) {
    const guild = this.guilds.get(d?.guild_id ?? "");
    switch (name) {
      case "READY":
        this.guilds.clear();
        this.messages.clear();
        this.loaded.clear();
        this.starters.clear();
        this.awaited = new Set(d.guilds.map((/** @type {any} */ one) => one.id));
        this.dms = keyed(d.private_channels);
        this.users.set(d.user.id, d.user);
        for (const { recipients } of this.dms.values()) for (const one of recipients) this.users.set(one.id, one);
        return;
      case "GUILD_CREATE":
        this.guilds.set(d.id, shaped(d));
        return;
      case "GUILD_UPDATE":
        if (this.guilds.has(d.id)) Object.assign(this.guilds.get(d.id), { name: d.name, owner_id: d.owner_id });
        return;
      case "GUILD_DELETE":
        this.awaited.delete(d.id);
        this.guilds.delete(d.id);
        return;
      case "GUILD_MEMBERS_CHUNK":
        for (const one of d.members) this._join(guild, one);
        if (d.chunk_index === d.chunk_count - 1) this.awaited.delete(d.guild_id);
        return;
      case "GUILD_MEMBER_ADD":
      case "GUILD_MEMBER_UPDATE":
        this._join(guild, d);
        return;
      case "GUILD_MEMBER_REMOVE":
        guild?.members.delete(d.user.id);
        return;
      case "GUILD_ROLE_CREATE":
      case "GUILD_ROLE_UPDATE":
        guild?.roles.set(d.role.id, d.role);
        return;
      case "GUILD_ROLE_DELETE":
        guild?.roles.delete(d.role_id);
        return;
      case "CHANNEL_CREATE":
      case "CHANNEL_UPDATE":
      case "THREAD_CREATE":
      case "THREAD_UPDATE":
        this._channel(d, name);
        return;
      case "THREAD_LIST_SYNC":
        for (const one of d.threads) guild?.channels.set(one.id, one);
        return;
      case "CHANNEL_DELETE":
      case "THREAD_DELETE":
        this._forget(d);
        return;
      case "MESSAGE_CREATE":
      case "MESSAGE_UPDATE":
        this._message(d, name === "MESSAGE_CREATE");
        return;
      case "MESSAGE_DELETE":
        this._gone(d.channel_id, d.id);
        return;
      case "MESSAGE_DELETE_BULK":
        for (const id of d.ids) this._gone(d.channel_id, id);
        return;
      case "SANDBOX_MARK":
        this.marks.set(d.message_id, { text: d.text, tone: d.tone });
        return;
    }
  }

  _join(guild, member) {
    this.users.set(member.user.id, member.user);
    guild?.members.set(member.user.id, { ...guild.members.get(member.user.id), ...member, guild_id: guild.id });
  }

  _channel(channel, name) {
    if (!channel.guild_id) {
      this.dms.set(channel.id, channel);
      for (const one of channel.recipients ?? []) this.users.set(one.id, one);
      return;
    }
    const channels = this.guilds.get(channel.guild_id)?.channels;
    channels?.set(channel.id, { ...channels.get(channel.id), ...channel });
    const starter = this.messages.get(channel.parent_id)?.get(channel.id);
    if (starter && name.startsWith("THREAD")) starter.thread = channel;
  }

  _forget(channel) {
    const channels = this.guilds.get(channel.guild_id)?.channels;
    for (const one of channels?.values() ?? []) {
      if (THREADS.has(one.type) && one.parent_id === channel.id) channels.delete(one.id);
    }
    channels?.delete(channel.id);
    this.messages.delete(channel.id);
  }

  _meet(message) {
    if (!message.webhook_id || !this.users.has(message.author.id)) this.users.set(message.author.id, message.author);
    for (const one of message.mentions ?? []) this.users.set(one.id, one);
    const member = this.guilds.get(message.guild_id ?? "")?.members;
    if (member && message.member && !member.has(message.author.id)) {
      member.set(message.author.id, { ...message.member, user: message.author, guild_id: message.guild_id });
    }
  }

  _message(message, isNew) {
    const channel = this.channel(message.channel_id);
    const known = this.messages.get(message.channel_id);
    this._meet(message);
    if (!isNew) Object.assign(this.starters.get(message.id) ?? {}, message);
    if (channel && isNew && !((message.flags ?? 0) & EPHEMERAL)) channel.last_message_id = message.id;
    if (isNew) this._count(message);
    if (isNew && channel?.thread_metadata) this._grow(channel);
    if (!known) {
      // Of a channel that was not looked at yet, only what REST will not give is kept.
      if ((message.flags ?? 0) & EPHEMERAL) this.messagesOf(message.channel_id).set(message.id, message);
      return;
    }
    if (isNew && known.size >= MOST_KEPT) this._drop(message.channel_id, known);
    if (isNew || known.has(message.id)) known.set(message.id, { ...known.get(message.id), ...message });
  }

  /** Of a channel that was left open for long, the oldest messages can be read again when they are wanted. */
  _drop(channelId, known) {
    for (const id of [...known.keys()].slice(0, MOST_KEPT / 2)) known.delete(id);
    if (this.loaded.has(channelId)) this.loaded.set(channelId, { more: true });
  }

  /** A thread's messages are counted here: a user's app is not told of their number. */
  _grow(thread) {
    thread.message_count = (thread.message_count ?? 0) + 1;
    const starter = this.messages.get(thread.parent_id)?.get(thread.id);
    if (starter) starter.thread = thread;
  }

  _count(message) {
    const me = this.client.me?.id;
    if (message.author.id === me) return;
    if (!this.unread.has(message.channel_id)) this.firstUnread.set(message.channel_id, message.id);
    const isForMe = !message.guild_id || this.mentionsMe(message);
    this.unread.set(message.channel_id, (this.unread.get(message.channel_id) ?? 0) + (isForMe ? 1 : 0));
  }

  _gone(channelId, id) {
    const known = this.messages.get(channelId);
    const message = known?.get(id);
    this._deleted.add(id);
    Object.assign(this.starters.get(id) ?? {}, { gone: true });
    if (!message) return;
    if ((message.flags ?? 0) & EPHEMERAL) known?.delete(id);
    else message.gone = true;
  }
}

/**
 * A guild with maps for its lists, threads among the channels.
 * @param {any} d
 */
function shaped(d) {
  const members = new Map(d.members.map((/** @type {any} */ one) => [one.user.id, { ...one, guild_id: d.id }]));
  const channels = keyed([...d.channels, ...(d.threads ?? [])]);
  return { ...d, channels, members, roles: keyed(d.roles), emojis: keyed(d.emojis) };
}
