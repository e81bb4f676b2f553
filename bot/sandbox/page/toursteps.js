/** What the tour says, where it points, and by what it notices that a part of a step was done. All its texts are here. */

/**
 * @typedef {Object} Part
 * @property {string} text what to do
 * @property {string} waits what ends it: a key of `NOTICES` in `tour.js`
 * @property {string[]} points selectors of what it is about; the first that shows gets the ring
 * @property {{text: string, where: string}} [also] what more to say where the page has what this selects
 */

const WRITE = ["#composer .field"];
// On a narrow screen the list and the account are behind a button.
const ACCOUNT = ["#account", "#open-channels"];
const CHANNELS = ["#channels", "#open-channels"];
const BUTTONS = ["#message-list .row:has(> .button[data-custom-id]:enabled)"];
const ANSWERS = ["#message-list .row:has(> .success[data-custom-id]:enabled)", ...BUTTONS];

/** @type {{title: string, text: string, parts: Part[]}[]} */
export const STEPS = [
  {
    title: "Write as a member",
    text: "You are a member of this server. A bot with a model on this machine reads what you write.",
    parts: [
      {
        text: "Write something ordinary. The mark under it goes from pending to what came of it.",
        waits: "judged",
        points: WRITE,
      },
    ],
  },
  {
    title: "Break a rule",
    text: "The rules are the server's own, in plain language.",
    parts: [
      {
        text: "Write something that breaks one of them, and see what becomes of it.",
        waits: "acted",
        points: WRITE,
        also: { text: "Ideas stand below the channels, under “What to try”.", where: ".scene details:not([hidden])" },
      },
    ],
  },
  {
    title: "Be the moderator",
    text: "Whatever was not simply allowed is a case in the mod log, with the rule and the reason.",
    parts: [
      { text: "Switch to the moderator's account.", waits: "moderator", points: ACCOUNT },
      { text: "Open the mod log.", waits: "log", points: CHANNELS },
      { text: "Press a button of the case.", waits: "pressed", points: ANSWERS },
    ],
  },
  {
    title: "Change the law",
    text: "No training is needed: the next message is judged by the new text. A rule to add: “5. No spoilers: do not tell how a film or a game ends. [delete]”",
    parts: [
      { text: "Send the command /policy edit.", waits: "policyEdit", points: WRITE },
      { text: "Change a rule in the form, or add one, and submit it.", waits: "submitted", points: [] },
      { text: "Publish the new version by its button.", waits: "pressed", points: BUTTONS },
      { text: "Switch back to the member.", waits: "member", points: ACCOUNT },
      { text: "Break the new rule, in a channel that is judged.", waits: "judged", points: WRITE },
    ],
  },
];
