// Puts paragraphs into another order: by buttons, by keys, by dragging a handle. One move is sent after the other, each
// only when the one before has come back in the log, so that every page that follows ends with the same order.
import { post } from "./post.js";

const words = document.getElementById("write-words").dataset;
const EDGE = 80; // this near to the edge of the window it scrolls while something is dragged
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export class Order {
  // `reached(cursor)` is a promise that this page shows the log up to there; `say(sentence)` tells how it went.
  constructor(list, address, reached, say) {
    Object.assign(this, { list, address, reached, say });
    this.queue = Promise.resolve();
    list.addEventListener("submit", (submitted) => {
      const { way } = submitted.submitter?.dataset ?? {};
      if (!way) return;
      submitted.preventDefault();
      this.step(submitted.target.closest(".paragraph"), way);
    });
    list.addEventListener("pointerdown", (pressed) => this.grab(pressed));
  }

  get articles() {
    return [...this.list.querySelectorAll(":scope > .paragraph")];
  }

  step(article, way) {
    this.queue = this.queue.then(() => {
      const all = this.articles;
      const place = all.indexOf(article);
      const number = article.id.slice(1);
      if (way === "up" && place === 0) return this.say(filled(words.first, { number }));
      if (way === "down" && place === all.length - 1) return this.say(filled(words.last, { number }));
      return this.send(article, way === "up" ? all[place - 1] : all[place + 2]);
    });
  }

  put(article, before) {
    this.queue = this.queue.then(() => this.send(article, before));
  }

  async send(article, before) {
    const number = article.id.slice(1);
    this.moving = article.id;
    const address = `${this.address}/paragraphs/${article.id}/move`;
    const { outcome, facts, detail } = await post(address, { before: before?.id ?? "" });
    if (outcome === "saved") await this.reached(facts.cursor);
    this.moving = null;
    if (outcome !== "saved") return this.say(`${filled(words.notMoved, { number })} ${detail ?? words.noLine}`);
    const all = this.articles;
    return this.say(filled(words.moved, { number, place: all.indexOf(article) + 1, all: all.length }));
  }

  grab(pressed) {
    const grip = pressed.target.closest(".grip");
    if (!grip || pressed.button) return;
    pressed.preventDefault();
    const article = grip.closest(".paragraph");
    const drag = { article, y: pressed.clientY, before: undefined };
    const over = new AbortController();
    const on = (kind, act, target = grip) => target.addEventListener(kind, act, { signal: over.signal });
    const end = (isDropped) => {
      over.abort();
      cancelAnimationFrame(drag.frame);
      this.mark(null);
      article.classList.remove("is-dragged");
      const unmoved = drag.before === undefined || drag.before === article || drag.before === this.after(article);
      if (isDropped && !unmoved) this.put(article, drag.before);
    };
    grip.setPointerCapture(pressed.pointerId);
    article.classList.add("is-dragged");
    on("pointermove", (moved) => (drag.y = moved.clientY));
    on("pointerup", () => end(true));
    on("pointercancel", () => end(false));
    on("keydown", (key) => key.key === "Escape" && end(false), document);
    const follow = () => {
      const push = drag.y < EDGE ? drag.y - EDGE : Math.max(0, drag.y - innerHeight + EDGE);
      if (push) scrollBy(0, push / 4);
      this.aim(drag);
      drag.frame = requestAnimationFrame(follow);
    };
    drag.start = drag.y;
    drag.frame = requestAnimationFrame(follow);
  }

  after(article) {
    const all = this.articles;
    return all[all.indexOf(article) + 1] ?? null;
  }

  // Where it would land: before the first paragraph whose middle is below the pointer.
  aim(drag) {
    if (drag.before === undefined && Math.abs(drag.y - drag.start) < 6) return; // a press alone moves nothing
    const below = this.articles.find((one) => {
      const { top, height } = one.getBoundingClientRect();
      return drag.y < top + height / 2;
    });
    drag.before = below ?? null;
    this.mark(drag.before ?? "end");
  }

  mark(before) {
    for (const one of this.articles) one.classList.remove("drops-before", "drops-after");
    if (before === "end") this.articles.at(-1).classList.add("drops-after");
    else before?.classList.add("drops-before");
  }
}
