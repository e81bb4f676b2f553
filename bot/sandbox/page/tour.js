/** The tour: four steps beside the page, each of which notices by itself that it was done. It blocks nothing. */

import { announce } from "./announce.js";
import { bitsAt } from "./lookup.js";
import { el } from "./nodes.js";
import { MANAGE_MESSAGES } from "./permissions.js";
import { Ring } from "./ring.js";
import { on, session } from "./session.js";
import { EPHEMERAL } from "./store.js";
import { STEPS } from "./toursteps.js";
import { here } from "./view.js";

const KEPT = "lawspeaker-tour";
/** Tones of marks that tell of no judgement: one that is to come, and none at all. */
const UNJUDGED = new Set(["waiting", "quiet"]);
/** @type {Set<string>} what was written here, by whichever account */
const written = new Set();
/** @type {Set<string>} those of them of which no judgement was heard of yet */
const unjudged = new Set();

/** What can end a part of a step: each is asked about what just happened. */
const NOTICES = {
  judged: (what) => what.name === "SANDBOX_MARK" && isOwn(what.data) && !UNJUDGED.has(what.data.tone),
  acted: (what) => what.name === "SANDBOX_MARK" && isOwn(what.data) && ["bad", "warning"].includes(what.data.tone),
  moderator: () => Boolean(bitsHere() & MANAGE_MESSAGES),
  member: () => bitsHere() !== 0n && !(bitsHere() & MANAGE_MESSAGES),
  log: () => casesHere().length > 0,
  pressed: (what) => what.name === "component-used",
  submitted: (what) => what.name === "modal-sent",
  policyEdit: (what) => what.name === "command-used" && what.data.path === "policy edit",
};

/** The user's permissions at the place that is looked at; 0 where there are none, or it is not known yet. */
function bitsHere() {
  return here.guildId && session.client?.store.guilds.has(here.guildId) ? (bitsAt(here) ?? 0n) : 0n;
}

/** Messages at the place that is looked at which an application posted for all, with buttons. */
function casesHere() {
  const known = session.client?.store.messages.get(here.channelId ?? "");
  return [...(known?.values() ?? [])].filter(
    (one) => one.author.bot && one.components?.length > 0 && !((one.flags ?? 0) & EPHEMERAL) && !one.gone,
  );
}

/** Whether a message is the user's, also where they are somebody else by now. */
function isOwn({ channel_id: channelId, message_id: id }) {
  const { store, me } = session.client;
  return written.has(id) || store.messages.get(channelId)?.get(id)?.author.id === me.id;
}

/** The tour, from its first step or where it was left. */
class Tour {
  constructor() {
    this._step = 0;
    this._part = 0;
    this._isRunning = false;
    this._ring = new Ring(() => this._pointed());
    this._card = el("aside", { class: "tour", "aria-label": "Tour", hidden: true });
    document.body.append(this._card);
    on("MESSAGE_CREATE", (message) => message.author.id === session.client.me.id && [written, unjudged].forEach((one) => one.add(message.id)));
    on("SANDBOX_MARK", (data) => this._marked(data));
    for (const name of ["component-used", "command-used", "modal-sent"]) {
      document.addEventListener(name, (event) => this._heard({ name, data: event.detail }));
    }
    // An account's first move comes when all of its servers are there.
    document.addEventListener("moved", () => this._heard({ name: "moved" }));
    // What REST gave of a channel is told by no event.
    const list = document.getElementById("message-list");
    new MutationObserver(() => this._drawn()).observe(list, { childList: true });
  }

  /** Messages were drawn anew. Marks that came while nobody was connected, as between two accounts, are among them. */
  _drawn() {
    for (const id of [...unjudged]) {
      const mark = session.client?.store.marks.get(id);
      if (mark && !UNJUDGED.has(mark.tone)) this._marked({ ...mark, message_id: id });
    }
    this._heard({ name: "drawn" });
  }

  /** A message has a mark: of what was written here each judgement is heard once. */
  _marked(data) {
    if (data.tone === "waiting" && written.has(data.message_id)) unjudged.add(data.message_id);
    else if (written.has(data.message_id) && !unjudged.delete(data.message_id)) return;
    this._heard({ name: "SANDBOX_MARK", data });
  }

  /** Go on where it was left, or begin for who has never seen it. */
  resume() {
    const kept = read();
    if (kept?.isOver) return;
    this._begin(Math.min(kept?.step ?? 0, STEPS.length - 1));
  }

  /** Begin anew. */
  start() {
    this._begin(0);
    this._card.querySelector("h2")?.focus();
  }

  /** End it, for good unless it is started again. */
  end() {
    this._isRunning = false;
    this._card.hidden = true;
    this._ring.hide();
    keep({ isOver: true });
  }

  _begin(step) {
    this._isRunning = true;
    this._go(step, 0);
  }

  _go(step, part) {
    [this._step, this._part] = [step, part];
    if (step < STEPS.length) keep({ step });
    else keep({ isOver: true });
    this._draw();
  }

  _heard(what) {
    const step = this._isRunning ? STEPS[this._step] : undefined;
    if (!step || !session.client?.me || !NOTICES[step.parts[this._part].waits](what)) return;
    if (this._part + 1 < step.parts.length) {
      this._go(this._step, this._part + 1);
      // What is there already need not happen again.
      this._heard({ name: "there" });
    } else {
      this._go(this._step + 1, 0);
    }
  }

  _pointed() {
    const part = STEPS[this._step]?.parts[this._part];
    const found = (part?.points ?? []).map((one) => [...document.querySelectorAll(one)].at(-1));
    // What lies behind a drawer is not to be pointed at.
    return found.find((node) => node && isInSight(node) && !node.closest("[inert]")) ?? null;
  }

  _draw() {
    const step = STEPS[this._step];
    const hadFocus = this._card.contains(document.activeElement);
    this._card.replaceChildren(...(step ? this._ofStep(step) : this._ofEnd()));
    this._card.hidden = false;
    if (hadFocus) this._card.querySelector("h2").focus();
    if (step) announce(`Tour, step ${this._step + 1}: ${step.title}. ${step.parts[this._part].text}`);
    if (step) this._ring.show();
    else this._ring.hide();
  }

  _ofStep(step) {
    const parts = step.parts.map((part, index) => {
      const state = index < this._part ? "is-done" : index === this._part ? "is-now" : "";
      const sign = el("span", { class: "tour-sign", "aria-hidden": "true" }, index < this._part ? "✓" : "");
      const words = index < this._part ? el("span", { class: "unseen" }, "Done: ") : null;
      return el("li", { class: `tour-part ${state}`, "aria-current": index === this._part ? "step" : null }, [
        sign,
        el("span", {}, words, part.text, part.also && document.querySelector(part.also.where) && ` ${part.also.text}`),
      ]);
    });
    const skip = el("button", { type: "button", class: "tour-skip", onclick: () => this._skip() }, "Skip this step");
    return [
      this._head(`Step ${this._step + 1} of ${STEPS.length}`, step.title),
      el("p", { class: "tour-text" }, step.text),
      el("ol", { class: "tour-parts" }, parts),
      el("div", { class: "tour-foot" }, this._dots(), skip),
    ];
  }

  _ofEnd() {
    const close = el("button", { type: "button", class: "tour-done", onclick: () => this.end() }, "Close");
    const words = "That was all of it. Go on trying: nothing here leaves this machine. The ? button starts the tour again.";
    return [
      this._head("Done", "You have seen how it works"),
      el("p", { class: "tour-text", role: "status" }, words),
      el("div", { class: "tour-foot" }, this._dots(), close),
    ];
  }

  _head(above, title) {
    const end = el("button", { type: "button", class: "tour-end", "aria-label": "End the tour", onclick: () => this.end() }, "✕");
    const texts = el("div", {}, el("p", { class: "tour-count" }, above), el("h2", { tabindex: "-1" }, title));
    return el("div", { class: "tour-head" }, texts, end);
  }

  _dots() {
    const dots = STEPS.map((_, index) => {
      const state = index < this._step ? "is-done" : index === this._step ? "is-now" : "";
      return el("span", { class: `tour-dot ${state}` });
    });
    return el("span", { class: "tour-dots", "aria-hidden": "true" }, dots);
  }

  _skip() {
    this._go(this._step + 1, 0);
  }
}

function isInSight(node) {
  const { width, left, right, top, bottom } = node.getBoundingClientRect();
  return width > 0 && right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

function keep(state) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // Where nothing may be kept, the tour begins anew with each visit.
  }
}

const tour = new Tour();
const help = el("button", { type: "button", class: "bar-button", id: "help", "aria-label": "Start the tour" }, "?");
help.addEventListener("click", () => tour.start());
document.getElementById("bar-extra")?.append(help);
document.addEventListener("moved", () => tour.resume(), { once: true });
