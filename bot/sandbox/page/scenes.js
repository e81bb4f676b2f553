/** The panel below a server's channels: what the server is for, its chat to replay, and what else to try. */

import { announce } from "./announce.js";
import { putAway } from "./drawers.js";
import { el } from "./nodes.js";
import { on, session } from "./session.js";
import { go, here, placeHash } from "./view.js";

/** @typedef {{name: string, guild_id: string, about: string, tries: string[], lines: number, posted: number, channel_id: string | null, state: "resting" | "preparing" | "playing", note: string}} Scene */

/** @type {Map<string, Scene>} scenes by their guild */
const scenes = new Map();
/** @type {string | null} the guild whose replay was begun here; a scene may also be prepared for a single message */
let begun = null;
/** @type {string | null} where that was, until the first line of the chat is there */
let begunFrom = null;

const about = el("p", {});
const button = el("button", { type: "button", class: "scene-button", onclick: press });
const bar = el("progress", { "aria-label": "Messages posted" });
const told = el("p", { class: "scene-state", role: "status" });
const link = el("a", { href: "#" });
const where = el("p", { class: "scene-state", hidden: true }, "Now in ", link);
const problem = el("p", { class: "problem", role: "alert" });
const tries = el("ul", {});
const panel = el(
  "section", { class: "scene", "aria-labelledby": "scene-title", hidden: true },
  el("h3", { id: "scene-title" }, "Try this server"), about, button, bar, told, where, problem,
  el("details", {}, el("summary", {}, "What to try"), tries),
);
document.getElementById("side-extra")?.append(panel);

/** The scene of the server that is looked at. */
const current = () => scenes.get(here.guildId ?? "");
const isUnderWay = (/** @type {Scene} */ scene) => scene.state === "playing" || (scene.state === "preparing" && begun === scene.guild_id);

function draw() {
  const scene = current();
  panel.hidden = !scene;
  if (!scene) return;
  const other = [...scenes.values()].find((one) => one !== scene && isUnderWay(one));
  about.textContent = scene.about;
  button.textContent = isUnderWay(scene) ? "Stop the replay" : "Replay the chat";
  button.disabled = Boolean(other);
  bar.hidden = scene.state !== "playing";
  bar.max = scene.lines;
  bar.value = scene.posted;
  told.textContent = state(scene, other);
  drawWhere(scene);
  tries.parentElement.hidden = !scene.tries.length;
  if (tries.dataset.scene !== scene.name) {
    tries.replaceChildren(...scene.tries.map((one) => el("li", {}, one)));
    tries.dataset.scene = scene.name;
  }
}

/** A way to the channel where the chat goes on, where that is not the one that is looked at. */
function drawWhere(scene) {
  const channel = session.client?.store.channel(scene.channel_id);
  where.hidden = scene.state !== "playing" || !channel || channel.id === here.channelId;
  if (!channel) return;
  link.textContent = `#${channel.name}`;
  link.href = placeHash(scene.guild_id, channel.id);
}

/** How far a scene is, in words. */
function state(scene, other) {
  if (scene.state === "preparing") return `${capital(scene.note)}…`;
  if (scene.state === "playing") return `${scene.posted} of ${scene.lines} messages posted`;
  if (other) return `A chat is being replayed in ${session.client?.store.guilds.get(other.guild_id)?.name ?? "another server"}.`;
  return `${scene.lines} messages, some of which break a rule`;
}

const capital = (/** @type {string} */ text) => text.charAt(0).toUpperCase() + text.slice(1);

async function press() {
  const scene = current();
  const client = session.client;
  if (!scene || !client) return;
  const stops = isUnderWay(scene);
  problem.textContent = "";
  begun = stops ? null : scene.guild_id;
  begunFrom = stops ? null : here.channelId;
  try {
    await client.rest(stops ? "DELETE" : "POST", `/sandbox/scenes/${scene.name}/replay`);
    if (!stops) putAway();
  } catch (error) {
    problem.textContent = /** @type {Error} */ (error).message;
  }
}

/** Ask what can be replayed in the user's servers. */
async function ask() {
  const client = session.client;
  if (!client) return;
  const found = await client.rest("GET", "/sandbox/scenes").catch(() => []);
  if (client !== session.client) return;
  scenes.clear();
  for (const one of found) scenes.set(one.guild_id, one);
  draw();
}

function hear(/** @type {Scene} */ scene) {
  const before = scenes.get(scene.guild_id);
  scenes.set(scene.guild_id, scene);
  if (scene.guild_id === here.guildId && before?.state !== scene.state) say(scene, before);
  if (scene.channel_id && begun === scene.guild_id) follow(scene);
  if (scene.state === "resting" && begun === scene.guild_id) begun = null;
  draw();
}

/** Who began a replay is led to where the chat begins, unless they went elsewhere meanwhile. */
function follow(scene) {
  const isThere = begunFrom !== null && begunFrom === here.channelId;
  begunFrom = null;
  if (isThere && scene.channel_id !== here.channelId) go(scene.guild_id, scene.channel_id);
}

/** A screen reader is told of the beginning and the end; the line of the state is not read for each message. */
function say(scene, before) {
  if (scene.state === "playing") announce("The chat is being replayed.");
  else if (scene.state === "resting" && before?.state === "playing") announce("The replay has ended.");
}

document.addEventListener("session", () => void ask());
document.addEventListener("moved", () => {
  problem.textContent = "";
  draw();
});
on("SANDBOX_SCENE", hear);
on("GUILD_CREATE", () => void ask());
