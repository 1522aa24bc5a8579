// Who else is at this summary, and whether organisers have locked it: asked every few seconds while the page is seen.
import { newKey } from "./draft.js";
import { post } from "./post.js";

const EVERY = 10_000;
const hands = document.getElementById("hands");
const words = hands.dataset;
const list = document.getElementById("company");
const news = document.getElementById("company-news");

const said = ({ name, id, writes, own }) => {
  if (own) return id ? words.ownEdits.replace("{number}", id.slice(1)) : writes ? words.ownWrites : words.ownThere;
  const sentence = id ? words.edits : writes ? words.writes : words.there;
  return sentence.replace("{name}", name).replace("{number}", id?.slice(1));
};

export class Company {
  // `told` may have others(list) and lock(isLockedOut, wasLockedOut, sentence).
  constructor(told = {}) {
    this.told = told;
    this.tab = newKey();
    this.number = null; // the paragraph worked on, 0 for the next one, null for none
    this.known = null; // names; those who are there at the first answer were there before, and stand on the page
    this.lockedOut = Boolean(words.lockedOut);
    this.lockedBy = null;
    this.turn = 0;
    this.say();
    document.addEventListener("visibilitychange", () => this.say());
    addEventListener("pageshow", (shown) => shown.persisted && this.say());
    addEventListener("pagehide", () => {
      const gone = new Blob([JSON.stringify({ tab: this.tab, gone: true })], { type: "application/json" });
      navigator.sendBeacon(words.here, gone);
    });
  }

  at(number) {
    if (number === this.number) return;
    this.number = number;
    this.say();
  }

  async say() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    const turn = (this.turn += 1);
    const { outcome, facts } = await post(words.here, { tab: this.tab, number: this.number });
    if (turn !== this.turn) return; // a newer question is on its way
    this.timer = setTimeout(() => this.say(), EVERY);
    if (outcome === "saved") this.hear(facts);
  }

  hear({ others, locked_by, locked_out }) {
    const sentences = others.map(said);
    if (sentences.join("\n") !== [...list.children].map((item) => item.textContent.trim()).join("\n")) {
      list.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
      list.hidden = !sentences.length;
    }
    this.announce(others);
    this.told.others?.(others);
    this.lock(locked_by, locked_out);
  }

  // For those who listen: only who has come, not each step they take.
  announce(others) {
    const come = others.filter(({ name, own }) => !own && !this.known?.has(name));
    const first = !this.known;
    this.known = new Set([...(this.known ?? []), ...come.map(({ name }) => name)]);
    if (come.length && !first) news.textContent = come.map(said).join(". ");
  }

  lock(by, isOut) {
    if (by === this.lockedBy) return;
    const wasOut = this.lockedOut;
    const line = document.getElementById("locked");
    const first = this.lockedBy === null;
    [this.lockedBy, this.lockedOut] = [by, isOut];
    line.hidden = !by;
    if (by) line.textContent = words.locked.replace("{name}", by) + (isOut ? ` ${words.kept}` : "");
    if (!first) news.textContent = by ? line.textContent : words.unlocked;
    this.told.lock?.(isOut, wasOut, line.textContent);
  }
}

// Who else works on a paragraph, in a sentence; "" for nobody.
export const sameWords = (others, id) => {
  const other = others.find((one) => one.id === id);
  if (!other) return "";
  return other.own ? words.ownSame : words.same.replace("{name}", other.name);
};
