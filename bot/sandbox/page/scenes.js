/** The panel below a server's channels: what the server is for, its chat to replay, and what else to try. */

import { announce } from "./announce.js";
import { putAway } from "./drawers.js";
import { el } from "./nodes.js";
import { on, session } from "./session.js";
import { here } from "./view.js";

/** @typedef {{name: string, guild_id: string, about: string, tries: string[], lines: number, posted: number, state: "resting" | "preparing" | "playing", note: string}} Scene */

/** @type {Map<string, Scene>} scenes by their guild */
const scenes = new Map();
/** @type {string | null} the guild whose replay was begun here; a scene may also be prepared for a single message */
let begun = null;

const about = el("p", {});
const button = el("button", { type: "button", class: "scene-button", onclick: press });
const bar = el("progress", { "aria-label": "Messages posted" });
const told = el("p", { class: "scene-state", role: "status" });
const problem = el("p", { class: "problem", role: "alert" });
const tries = el("ul", {});
const panel = el(
  "section", { class: "scene", "aria-labelledby": "scene-title", hidden: true },
  el("h3", { id: "scene-title" }, "Try this server"), about, button, bar, told, problem,
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
  tries.parentElement.hidden = !scene.tries.length;
  if (tries.dataset.scene !== scene.name) {
    tries.replaceChildren(...scene.tries.map((one) => el("li", {}, one)));
    tries.dataset.scene = scene.name;
  }
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
  if (scene.state === "resting" && begun === scene.guild_id) begun = null;
  draw();
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
