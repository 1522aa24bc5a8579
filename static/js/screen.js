// The screen in the room: it grows from below, shows the time, and fills the screen when asked to.
import { Follower } from "./follow.js";
import { Summary } from "./summary.js";

const page = document.querySelector("[data-live]");
const byId = (id) => document.getElementById(id);

// The server has put the last paragraphs into the page; the first message brings all, in case they move or change.
new Follower(page.dataset.address, ":0", new Summary()).connect();

const hours = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: page.dataset.zone });
const tick = () => {
  const now = new Date();
  byId("clock").textContent = hours.format(now);
  byId("clock").dateTime = now.toISOString();
  setTimeout(tick, 60_000 - (now % 60_000) + 50);
};
tick();

const full = byId("full");
const fill = () => document.documentElement.requestFullscreen?.().catch(() => {});
full.hidden = !document.fullscreenEnabled;
full.addEventListener("click", fill);
document.addEventListener("fullscreenchange", () => (full.hidden = Boolean(document.fullscreenElement)));
if ("keys" in page.dataset) {
  document.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "f" || pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else fill();
  });
}

// A machine that shows it all day must not fall asleep.
const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
stayAwake();
