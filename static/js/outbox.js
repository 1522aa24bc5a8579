// New paragraphs on their way: kept in this browser until the server says it has them; only then are they "saved".
import { keep, kept, newKey, placesBelow } from "./draft.js";
import { post } from "./post.js";

const words = document.getElementById("write-words").dataset;
const saving = document.getElementById("saving");
const unsent = document.getElementById("unsent");
const LONGEST_PAUSE = 10_000;

// Take the lock for as long as this page lives; false when another tab has it.
const take = (name) =>
  new Promise((taken) => {
    if (!navigator.locks) return taken(true); // two tabs may then send one paragraph: its key makes it one
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      taken(Boolean(lock));
      return lock && new Promise(() => {});
    });
  });

export class Outbox {
  // Each tab keeps its own, under a name it holds a lock on; what a closed tab has left behind is taken over.
  // `isClosed()`: nobody can write at present; then nothing is sent, and everything is kept.
  constructor(form, address, isClosed) {
    this.form = form;
    this.isClosed = isClosed;
    this.below = `${address}:`;
    this.place = `plenary:${this.below}${newKey()}`;
    this.draft = "";
    this.waiting = []; // sent off but not yet acknowledged
    this.sending = null;
    this.failures = 0;
    this.adopt();
    addEventListener("online", () => this.send());
    addEventListener("beforeunload", (leaving) => {
      if (this.waiting.length) leaving.preventDefault();
    });
  }

  keep() {
    keep(this.place, this.draft || this.waiting.length ? { draft: this.draft, outbox: this.waiting } : null);
  }

  async adopt() {
    await take(this.place);
    for (const name of placesBelow(this.below).filter((name) => name !== this.place)) {
      if (!(await take(name))) continue;
      const left = kept(name);
      this.waiting.push(...(left?.outbox ?? []));
      if (left?.draft && left.draft !== this.form.text.value) this.type([left.draft, this.form.text.value]);
      this.keep();
      keep(name, null);
    }
    if (!this.draft && !this.waiting.length) return;
    this.form.closest("section").hidden = false; // even where the summary was closed meanwhile
    this.show();
    this.say("unsaved");
    if (this.isClosed()) this.say("closed");
    else this.send();
  }

  type(texts) {
    this.form.text.value = texts.filter(Boolean).join("\n\n");
    this.draft = this.form.text.value;
  }

  typed() {
    this.draft = this.form.text.value;
    this.keep();
    if (!this.sending && !this.waiting.length) this.say("unsaved");
  }

  say(what, detail = "") {
    const looks = { saved: "saved", saving: "saving", unsaved: "unsaved" }[what] ?? "failed";
    this.tell(looks, [words[what], detail].filter(Boolean).join(" "));
  }

  tell(looks, sentence) {
    saving.className = looks;
    saving.textContent = sentence;
  }

  show() {
    unsent.hidden = this.waiting.length === 0;
    unsent.replaceChildren(...this.waiting.map((paragraph) => this.item(paragraph)));
  }

  item(paragraph) {
    const item = Object.assign(document.createElement("li"), { className: "unsent", lang: paragraph.lang, dir: "auto" });
    const text = Object.assign(document.createElement("p"), { textContent: paragraph.text });
    const back = Object.assign(document.createElement("button"), { type: "button", className: "button quiet" });
    back.textContent = words.back;
    back.addEventListener("click", () => this.takeBack(paragraph));
    item.append(text, back);
    return item;
  }

  takeBack(paragraph) {
    if (this.sending === paragraph) return; // it may be at the server by now: taking it back would write it twice
    this.waiting = this.waiting.filter((other) => other !== paragraph);
    this.type([this.form.text.value, paragraph.text]);
    this.keep();
    this.show();
    this.form.text.focus();
    if (!this.waiting.length) this.say("unsaved");
  }

  // What stands in the field goes off: first into the browser's keeping, then out of the field.
  submit() {
    const text = this.form.text.value.trim();
    if (text) {
      this.waiting.push({ key: newKey(), text, lang: this.form.lang.value });
      this.draft = "";
      this.keep();
      this.form.text.value = "";
      this.show();
    }
    this.send();
  }

  // Paragraphs leave one after the other, in the order written; each carries a key, so that one sent twice is written once.
  async send() {
    clearTimeout(this.again);
    if (this.sending || this.waiting.length === 0) return;
    this.sending = this.waiting[0];
    this.say("saving");
    const { key, text, lang } = this.sending;
    const { outcome, detail } = await post(this.form.action, { text, lang }, { "Idempotency-Key": key });
    if (outcome === "saved") {
      this.waiting.shift();
      this.keep();
    }
    this.sending = null;
    this.show();
    this.settle(outcome, detail);
  }

  settle(outcome, detail) {
    if (outcome === "conflict" || outcome === "refused") return this.say("refused", detail);
    if (outcome !== "saved") {
      this.failures += 1;
      this.say(outcome);
      this.again = setTimeout(() => this.send(), Math.random() * Math.min(LONGEST_PAUSE, 500 * 2 ** this.failures) + 250);
    } else {
      this.failures = 0;
      if (this.waiting.length) this.send();
      else this.say(this.draft ? "unsaved" : "saved");
    }
  }
}
