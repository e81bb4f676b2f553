/** What applications offer, put together: commands, components at work, context menus, forms. */

import "./answers.js";
import { SlashCommands } from "./commands.js";
import { composer } from "./composer.js";
import { entriesFor } from "./menu.js";
import { useLongPress, useMenus } from "./menus.js";
import { openModal } from "./modal.js";
import { usePressing } from "./pressing.js";

const commands = new SlashCommands(composer, openModal);
document.addEventListener("moved", () => commands.reset());
document.addEventListener("session", () => commands.reset());
usePressing(document, openModal);
useMenus({ entriesFor, open: openModal, tell: composer.tell });
useLongPress(document);
