// The live page: the text is there already; from here on it grows by itself, and the reader says how.
import { Announcer } from "./announce.js";
import { Follower } from "./follow.js";
import { offerLanguages } from "./languages.js";
import { Reading } from "./reading.js";
import { Summary } from "./summary.js";

const page = document.querySelector("[data-live]");
const byId = (id) => document.getElementById(id);

byId("pauses").hidden = true; // reloading is for those without this script
document.querySelector('meta[http-equiv="refresh"]')?.remove();

const summary = new Summary();
const reading = new Reading(summary);
const announcer = new Announcer();
summary.onchange = (kind, article) => {
  if (kind === "new") reading.added(article);
  announcer.note(kind, article);
};

// How one reads, kept in this browser. ---------------------------------------------------------------------------
const KEPT = "plenary:reading";
const usual = { size: "2", announce: "all", along: false, every: "0" };
const kept = { ...usual };
try {
  Object.assign(kept, JSON.parse(localStorage.getItem(KEPT)));
} catch (fault) {
  console.warn("this browser keeps nothing", fault);
}

const follower = new Follower(page.dataset.address, page.dataset.cursor, reading, Number(kept.every) || 0);

const apply = {
  size: (size) => (byId("summary").dataset.size = size),
  announce: (level) => (announcer.level = level),
  along: (along) => (reading.along = along),
  every: (every) => follower.every !== Number(every) && follower.ask(Number(every)),
};
for (const [name, does] of Object.entries(apply)) {
  const control = byId(name);
  const property = control.type === "checkbox" ? "checked" : "value";
  control[property] = kept[name];
  if (control[property] === "") control[property] = usual[name]; // kept by another version of this page
  if (name !== "every") does(control[property]);
  control.addEventListener("change", () => {
    kept[name] = control[property];
    reading.keepPlace(() => does(control[property]));
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch (fault) {
      console.warn("this browser keeps nothing", fault);
    }
  });
}

// The panel ------------------------------------------------------------------------------------------------------
const panel = byId("reading");
panel.hidden = false;
byId("choose").hidden = true;
byId("comfort").hidden = false;
byId("reading-form").addEventListener("submit", (submitted) => submitted.preventDefault());
panel.addEventListener("keydown", (pressed) => {
  if (pressed.key !== "Escape" || !panel.open) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});
document.addEventListener("click", (clicked) => {
  if (!panel.contains(clicked.target)) panel.open = false;
});

offerLanguages(reading, follower, {
  both: true,
  chosen: (value) => {
    const address = new URL(location);
    address.searchParams.set("text", value);
    history.replaceState(history.state, "", address);
    fetch(address, { method: "HEAD" }).catch(() => {}); // the server has the browser keep it, for pages without scripts too
  },
});

// A choice of another language needs all that is there; else the text in the page is where it begins.
if (summary.choice.lang) follower.whole();
else follower.connect();
