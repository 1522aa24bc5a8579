// The writing page: the next paragraph, those that are there, their order, and who else is at work.
import { Company } from "./company.js";
import { Follower } from "./follow.js";
import { InPlace } from "./inplace.js";
import { Order } from "./order.js";
import { Outbox } from "./outbox.js";
import { isEscape, isSave } from "./post.js";
import { Summary } from "./summary.js";

const page = document.querySelector("[data-writes]");
const words = document.getElementById("write-words").dataset;
const form = document.getElementById("paragraph-form");
const list = document.getElementById("summary");
const done = document.getElementById("done");
const handTemplate = document.getElementById("hand");
const { address, me } = page.dataset;
const PATIENCE = 5_000; // for a change of one's own to come back in the log

const say = (sentence) => {
  done.textContent = "";
  done.textContent = sentence;
};

// --- What the log tells

class Desk extends Summary {
  constructor() {
    super((article, p) => this.addHand(article, p));
    this.awaited = [];
    this.offset = Number(page.dataset.cursor.split(":").at(-1));
    this.versions = new Map(); // the languages of each paragraph, with the revision they translate
    for (const tag of list.querySelectorAll(".versions .tag")) {
      const { id } = tag.closest(".paragraph");
      this.versions.set(id, [...(this.versions.get(id) ?? []), { lang: tag.dataset.lang, of: Number(tag.dataset.of) }]);
    }
  }

  addHand(article, p) {
    const copy = document.createElement("template");
    copy.innerHTML = handTemplate.innerHTML.replaceAll("{id}", p.id).replaceAll("{number}", p.id.slice(1));
    const hand = copy.content.querySelector(".hand");
    Object.assign(hand.dataset, { by: p.by, lang: p.lang, text: p.text ?? "" });
    article.append(hand);
    prepare(article);
    if (p.translations) this.versions.set(p.id, p.translations);
    this.showVersions(article);
    inPlace.offer(article);
    markWork(article);
  }

  put(p, isNew) {
    const article = super.put(p, isNew);
    const there = document.getElementById(p.id);
    if (there && p.state === "shown" && Number(there.dataset.rev) === p.rev) {
      const hand = there.querySelector(".hand");
      if (hand) Object.assign(hand.dataset, { by: p.by, lang: p.lang, text: p.text });
      inPlace.changed(there, p);
    }
    return article;
  }

  translate(id, translation) {
    super.translate(id, translation);
    const others = (this.versions.get(id) ?? []).filter((one) => one.lang !== translation.lang);
    this.versions.set(id, translation.text ? [...others, translation] : others);
    const article = document.getElementById(id);
    if (article) this.showVersions(article);
  }

  showVersions(article) {
    const link = article.querySelector(".versions");
    for (const old of link.querySelectorAll(".tag")) old.remove();
    if (article.classList.contains("is-retracted")) return;
    for (const { lang, of } of this.versions.get(article.id) ?? []) {
      const tag = document.createElement("span");
      const isBehind = of < Number(article.dataset.rev);
      tag.className = isBehind ? "tag is-behind" : "tag";
      tag.textContent = isBehind ? `${lang} ${words.behind}` : lang;
      link.append(" ", tag);
    }
  }

  snapshot(message) {
    for (const p of message.paragraphs) this.versions.set(p.id, p.translations ?? []);
    super.snapshot(message);
    inPlace.settle();
    this.arrived(message.offset);
  }

  event(event) {
    super.event(event);
    if (event.op === "move") inPlace.settle();
    this.arrived(event.offset);
  }

  arrived(offset) {
    this.offset = offset;
    for (const one of this.awaited) if (one.offset <= offset) one.come();
    this.awaited = this.awaited.filter((one) => one.offset > offset);
  }

  // Until the page shows the log up to there; on a bad line not for ever.
  reached(cursor) {
    const offset = Number(cursor.split(":").at(-1));
    if (offset <= this.offset) return Promise.resolve();
    const come = new Promise((resolve) => this.awaited.push({ offset, come: resolve }));
    return Promise.race([come, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }
}

// --- Who else is there

let others = [];
const markWork = (article) => {
  const names = others.filter((one) => one.id === article.id && !one.own).map((one) => one.name);
  const line = article.querySelector(".at-work");
  if (line) line.textContent = names.join(", ") && `✎ ${names.join(", ")}`;
};

// Keys can go to it, and a screen reader says where they are.
const prepare = (article) => {
  article.tabIndex = -1;
  article.setAttribute("aria-label", words.paragraph.replace("{number}", article.id.slice(1)));
  article.querySelector(".grip").hidden = false;
};

const outbox = new Outbox(form, address, () => ["closed", "published"].includes(page.dataset.status));
const company = new Company({
  others(now) {
    others = now;
    list.querySelectorAll(":scope > .paragraph").forEach(markWork);
    inPlace.company(now);
  },
  lock(isOut, wasOut, sentence) {
    list.classList.toggle("is-locked", isOut);
    if (isOut && !outbox.waiting.length) outbox.tell("failed", sentence);
    if (wasOut && !isOut) outbox.tell("", "");
    if (wasOut && !isOut) {
      outbox.send();
      inPlace.again();
    }
  },
});
const atNext = () => company.at(form.text.value ? 0 : null);
const inPlace = new InPlace(list, address, { say, at: (number) => (number === null ? atNext() : company.at(number)) });

// --- The next paragraph

form.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  outbox.submit();
  atNext();
});
form.text.addEventListener("input", () => {
  outbox.typed();
  atNext();
});
form.addEventListener("keydown", (pressed) => {
  if (!isSave(pressed)) return;
  pressed.preventDefault();
  form.requestSubmit();
});

// --- Keys. No letter is a shortcut by itself: whoever speaks to their computer would press them by accident.

const articles = () => [...list.querySelectorAll(":scope > .paragraph")];
const goTo = (article) => {
  article?.focus();
  article?.scrollIntoView({ block: "nearest" });
};

form.text.addEventListener("keydown", (pressed) => {
  if (pressed.key !== "ArrowUp" || pressed.isComposing || form.text.selectionStart !== 0) return;
  if (pressed.altKey && !pressed.ctrlKey) {
    pressed.preventDefault();
    goTo(articles().at(-1));
  } else if (!form.text.value && !pressed.ctrlKey && !pressed.metaKey && !pressed.shiftKey) {
    const own = articles().findLast((one) => one.querySelector(".hand")?.dataset.by === me && !one.matches(".is-retracted"));
    if (!own) return;
    pressed.preventDefault();
    inPlace.edit(own, form.text);
  }
});

list.addEventListener("keydown", (pressed) => {
  const article = pressed.target.closest(".paragraph");
  if (!article || pressed.target.matches("input, textarea")) return;
  const way = { ArrowUp: "up", ArrowDown: "down" }[pressed.key];
  if (way && pressed.altKey) {
    order.step(article, way);
  } else if (way && pressed.target === article) {
    const all = articles();
    const next = all[all.indexOf(article) + (way === "up" ? -1 : 1)];
    if (next) goTo(next);
    else if (way === "down") form.text.focus();
  } else if (pressed.key === "Enter" && pressed.target === article && !article.matches(".is-retracted")) {
    inPlace.edit(article, article);
  } else if (isEscape(pressed)) {
    form.text.focus();
  } else {
    return;
  }
  pressed.preventDefault();
});

// --- All together

const summary = new Desk();
const news = document.getElementById("changes");
const spoken = document.getElementById("live-words").dataset;
summary.onchange = (kind, article) => {
  const isOwn = kind === "moved" ? order.moving === article.id : article.querySelector(".hand")?.dataset.by === me;
  if (!isOwn && kind !== "new" && spoken[kind]) news.textContent = spoken[kind].replace("{id}", article.id);
};
const order = new Order(list, address, (cursor) => summary.reached(cursor), say);
articles().forEach(prepare);
summary.onstatus = (status) => {
  if (status === "live") document.querySelector("aside button[value=live]")?.remove();
  // another writer closed or opened it: the forms below are for another status, what is typed stays kept
  const changed = status !== page.dataset.status && !(status === "live" && page.dataset.status === "waiting");
  if (changed && !outbox.waiting.length && !outbox.sending) location.reload();
  page.dataset.status = status;
};
new Follower(address, page.dataset.cursor, summary).connect();
