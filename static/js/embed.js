// The summary in a frame on another site: it follows, and stays at the end as long as one is there.
import { Announcer } from "./announce.js";
import { Follower } from "./follow.js";
import { offerLanguages } from "./languages.js";
import { Reading } from "./reading.js";
import { Summary } from "./summary.js";

const page = document.querySelector("[data-live]");

const summary = new Summary();
const reading = new Reading(summary);
const announcer = new Announcer();
summary.onchange = (kind, article) => {
  if (kind === "new") reading.added(article);
  announcer.note(kind, article);
};
reading.along = true; // a small window of a running text: who is at its end wants to stay there
document.getElementById("summary").lastElementChild?.scrollIntoView({ block: "end", behavior: "instant" });

const follower = new Follower(page.dataset.address, page.dataset.cursor, reading);
document.getElementById("languages").hidden = summary.languages.length === 0;
offerLanguages(reading, follower);
if (summary.choice.lang) follower.whole();
else follower.connect();
