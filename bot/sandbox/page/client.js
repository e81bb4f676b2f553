/** A user's client: REST with the user's token, and the gateway, kept connected. */

import { Store } from "./store.js";

const API = "/api/v10";
const TRIES = 5;
const LONGEST_WAIT = 5;
/** So long READY's servers are waited for: one that has an outage does not come. */
const GUILDS_MS = 3_000;
/** Refused for good: no RESUME and no new try with the same token. */
const FINAL = new Set([4004]);

/** A request that was refused: Discord's status, code and sentence. */
export class RestError extends Error {
  /**
   * @param {number} status
   * @param {any} body
   */
  constructor(status, body) {
    super(body?.message || `The server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? 0;
    this.body = body;
  }
}

function unreachable() {
  throw new RestError(0, { message: "The server cannot be reached. Try again." });
}

/** One user, logged in. Each gateway event is a CustomEvent of its name; "connection" tells of the connection's state. */
export class Client extends EventTarget {
  /** @param {string} token */
  constructor(token) {
    super();
    this.token = token;
    /** @type {any} */
    this.me = null;
    this.sessionId = "";
    this.store = new Store(this);
    /** @type {"connecting" | "connected" | "away"} */
    this.state = "connecting";
    this._sequence = null;
    /** Whether the first login is over: what comes now changes what was there. */
    this.isReady = false;
    this._closed = false;
    this._heard = true;
    this._attempts = 0;
    /** @type {WebSocket | null} */
    this._socket = null;
    this._timers = { beat: 0, retry: 0, guilds: 0 };
  }

  /**
   * Log in; returns once READY and all guilds with their members came.
   * @returns {Promise<void>}
   */
  connect() {
    const ready = new Promise((resolve, reject) => {
      this.addEventListener("ready", () => resolve(undefined), { once: true });
      this.addEventListener("refused", () => reject(new Error("This account is not known here")), { once: true });
    });
    this._open();
    return ready;
  }

  /** Log out. */
  close() {
    this._closed = true;
    clearTimeout(this._timers.retry);
    clearTimeout(this._timers.guilds);
    clearInterval(this._timers.beat);
    this._socket?.close(1000);
  }

  /**
   * One REST request; the answer's JSON, null where there is none.
   * @param {string} method
   * @param {string} path as `/channels/1/messages`
   * @param {any} [body]
   * @param {File[]} [files]
   * @returns {Promise<any>}
   */
  async rest(method, path, body, files = []) {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(API + path, { method, ...this._content(body, files) }).catch(unreachable);
      const answer = response.status === 204 ? null : await response.json().catch(() => null);
      const wait = answer?.retry_after;
      // Slowmode has a code of its own, and may last for hours: that is told, not waited for.
      const mayWait = response.status === 429 && !answer?.code && wait <= LONGEST_WAIT;
      if (mayWait && attempt < TRIES) {
        await new Promise((resolve) => setTimeout(resolve, wait * 1000));
        continue;
      }
      if (!response.ok) throw new RestError(response.status, answer);
      return answer;
    }
  }

  /**
   * Say something at the gateway.
   * @param {number} op
   * @param {any} d
   */
  say(op, d) {
    if (this._socket?.readyState === WebSocket.OPEN) this._socket.send(JSON.stringify({ op, d }));
  }

  /**
   * Take in what an answer told as if the gateway had.
   * @param {string} name
   * @param {any} data
   */
  learn(name, data) {
    this.store.apply(name, data);
    this.dispatchEvent(new CustomEvent(name, { detail: data }));
  }

  _content(body, files) {
    /** @type {Record<string, string>} */
    const headers = { Authorization: this.token };
    if (files.length) {
      const form = new FormData();
      const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
      form.append("payload_json", new Blob([JSON.stringify({ attachments, ...body })], { type: "application/json" }));
      files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
      return { headers, body: form };
    }
    if (body === undefined) return { headers };
    headers["Content-Type"] = "application/json";
    return { headers, body: JSON.stringify(body) };
  }

  _open() {
    this._tell("connecting");
    const socket = new WebSocket(`ws://${location.host}/`);
    this._socket = socket;
    socket.addEventListener("message", (event) => this._hear(socket, JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this._lost(socket, event.code));
  }

  _lost(socket, code) {
    if (socket !== this._socket) return;
    clearInterval(this._timers.beat);
    if (this._closed) return;
    this._tell("away");
    if (FINAL.has(code)) {
      this.dispatchEvent(new CustomEvent("refused"));
      return;
    }
    const wait = Math.min(250 * 2 ** this._attempts++, 15_000) * (0.75 + Math.random() / 2);
    this._timers.retry = setTimeout(() => this._open(), wait);
  }

  _hear(socket, frame) {
    if (socket !== this._socket || this._closed) return;
    if (frame.s !== null && frame.s !== undefined) this._sequence = frame.s;
    switch (frame.op) {
      case 0:
        return this._dispatch(frame.t, frame.d);
      case 1:
        return this.say(1, this._sequence);
      case 7:
        return socket.close(4900);
      case 9:
        if (!frame.d) [this.sessionId, this._sequence] = ["", null];
        return socket.close(4900);
      case 11:
        this._heard = true;
        return;
      case 10:
        return this._greet(frame.d.heartbeat_interval);
    }
  }

  _greet(interval) {
    clearInterval(this._timers.beat);
    this._heard = true;
    this._timers.beat = setInterval(() => this._beat(), interval);
    if (this.sessionId) this.say(6, { token: this.token, session_id: this.sessionId, seq: this._sequence });
    else this.say(2, { token: this.token, properties: { os: "", browser: "page", device: "" } });
  }

  /** A server that did not answer the last heartbeat is gone, though the socket may not know yet. */
  _beat() {
    if (!this._heard) return this._socket?.close(4900);
    this._heard = false;
    this.say(1, this._sequence);
  }

  _dispatch(name, data) {
    if (name === "READY") {
      this.me = data.user;
      this.sessionId = data.session_id;
    }
    this.learn(name, data);
    if (name === "READY" || name === "RESUMED") this._attempts = 0;
    // All members are asked for, as the list beside the messages shows them all.
    if (name === "GUILD_CREATE") this.say(8, { guild_id: data.id, query: "", limit: 0 });
    if (name === "MESSAGE_CREATE" && !data.guild_id && !this.store.dms.has(data.channel_id)) void this._meet(data.channel_id);
    if (name === "READY") this._timers.guilds = setTimeout(() => this._allCame(), GUILDS_MS);
    if (name === "RESUMED") this._tell("connected");
    if ((name === "READY" || name === "GUILD_MEMBERS_CHUNK") && !this.store.awaited.size) this._allCame();
  }

  _allCame() {
    clearTimeout(this._timers.guilds);
    if (this.state === "connected" || this._socket?.readyState !== WebSocket.OPEN) return;
    this._tell("connected");
    const detail = { again: this.isReady };
    this.isReady = true;
    this.dispatchEvent(new CustomEvent("ready", { detail }));
  }

  /** Direct messages may come in a channel that was made after READY. */
  async _meet(channelId) {
    const channel = await this.rest("GET", `/channels/${channelId}`).catch(() => null);
    if (channel && !channel.guild_id && !this._closed) this.learn("CHANNEL_CREATE", channel);
  }

  _tell(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("connection", { detail: state }));
  }
}
