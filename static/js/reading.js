// Reading in comfort: pausing without loss, "3 new" instead of being moved about, and one's place kept whatever changes.

const words = document.getElementById("live-words").dataset;
const list = document.getElementById("summary");
const byId = (id) => document.getElementById(id);

const ENOUGH = 32; // pixels of a paragraph that must be in sight for it to count as seen

// The lowest edge of what sticks to the top of the window.
const top = () => document.querySelector(".live-bar")?.getBoundingClientRect().bottom ?? 0;

// Stands between the follower and the summary.
export class Reading {
  constructor(summary) {
    this.summary = summary;
    this.along = false; // whether to scroll along while at the end
    this.waiting = null; // what came while paused
    this.unseen = new Set();
    this.watcher = new IntersectionObserver((entries) => this.see(entries), { rootMargin: `0px 0px -${ENOUGH}px 0px` });
    document.documentElement.classList.add("keeps-place"); // one way to keep the place, in every browser
    summary.around = (change, id) => this.keepPlace(change, id);
    byId("new").addEventListener("click", () => this.goToNew());
    byId("pause").addEventListener("click", () => (this.waiting ? this.resume() : this.pause()));
    byId("pause").hidden = false;
  }

  // What the follower tells.
  snapshot(message) {
    if (!this.waiting) return this.summary.snapshot(message);
    this.waiting = [["snapshot", message]]; // it replaces whatever came before
    this.showPause();
  }

  event(event) {
    if (!this.waiting) return this.summary.event(event);
    this.waiting.push(["event", event]);
    this.showPause();
  }

  followers(n) {
    this.summary.followers(n);
  }

  // A longer sentence makes the bar higher, and what is below it must not move for that.
  state(...state) {
    this.keepPlace(() => this.summary.state(...state));
  }

  standing(live) {
    this.keepPlace(() => this.summary.standing(live));
  }

  pause() {
    this.waiting = [];
    this.showPause();
  }

  resume() {
    const waiting = this.waiting;
    this.waiting = null;
    for (const [what, message] of waiting) this.summary[what](message);
    this.showPause();
  }

  showPause() {
    const fresh = this.waiting?.flatMap(([what, message]) =>
      what === "snapshot"
        ? message.paragraphs.filter((p) => !byId(p.id))
        : message.op === "append" ? [message] : [],
    ).length;
    const word = !this.waiting ? words.pause : fresh ? words.resumeNew.replace("{n}", fresh) : words.resume;
    this.keepPlace(() => (byId("pause").textContent = word));
    byId("pause").classList.toggle("is-paused", Boolean(this.waiting));
  }

  // A paragraph was added: count it until it has been in sight.
  added(article) {
    this.unseen.add(article);
    this.watcher.observe(article);
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting && target.isConnected) continue;
      this.unseen.delete(target);
      this.watcher.unobserve(target);
    }
    const n = this.unseen.size;
    if (!n && document.activeElement === byId("new")) this.goTo(list.lastElementChild); // a hidden button holds no focus
    byId("new").hidden = n === 0;
    if (n) byId("new").textContent = n === 1 ? words.oneNew : words.someNew.replace("{n}", n);
  }

  goToNew() {
    const [first] = [...list.children].filter((article) => this.unseen.has(article));
    if (!first) return;
    first.scrollIntoView({ block: "start", behavior: "instant" });
    this.goTo(first); // the button is about to go, and what one reads next is here
    for (const article of this.unseen) this.watcher.unobserve(article);
    this.unseen.clear();
    this.see([]);
  }

  goTo(article) {
    article.tabIndex = -1;
    article.focus({ preventScroll: true });
  }

  isAtEnd() {
    const last = list.lastElementChild;
    return !last || last.getBoundingClientRect().bottom <= innerHeight + 4;
  }

  // Let what is read stay under the reader's eyes while something changes above it; `id`: what changes itself.
  keepPlace(change, id) {
    const wasAtEnd = this.along && this.isAtEnd() && !this.isBusy();
    const edge = top();
    const anchor =
      scrollY > 0 &&
      [...list.children].find((one) => one.id !== id && one.getBoundingClientRect().bottom > edge);
    const before = anchor && anchor.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) {
      const shift = anchor.getBoundingClientRect().top - before;
      if (shift) scrollBy({ top: shift, behavior: "instant" });
    }
    if (wasAtEnd && !this.isAtEnd()) list.lastElementChild.scrollIntoView({ block: "end", behavior: "instant" });
  }

  // Somebody who has put the focus into the text, or selects in it, is not at its end, wherever that is.
  isBusy() {
    return list.contains(document.activeElement) || !(getSelection()?.isCollapsed ?? true);
  }
}
