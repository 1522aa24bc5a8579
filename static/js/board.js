// The board: sessions are dragged, stretched, dropped on each other or parked, by pointer or by keys. Each step is one
// ordinary post with the edit that was seen; whoever was slower learns what happened, and nothing is overwritten.
import { post } from "./post.js";

const page = document.getElementById("board-page");
const words = document.getElementById("board-words").dataset;
const said = document.getElementById("board-said");
const onto = document.getElementById("board-onto");
const { address, day } = page.dataset;
const STEP = 5; // minutes of one arrow key, and the raster of the pointer
const QUARTER = 15;
const LOOK_EVERY = 5000;
const EDGE = 60; // this near to the edge of what scrolls, it scrolls while something is dragged
let busy = false;

const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const board = () => document.getElementById("board");
const say = (sentence, kind = "") => {
  said.className = `notice ${kind}`;
  said.textContent = sentence;
  said.hidden = !sentence;
};
const minutesOf = (clock) => {
  const [hours, minutes] = clock.split(":").map(Number);
  return hours * 60 + minutes;
};
const two = (number) => String(number).padStart(2, "0");
const clockOf = (minutes) => `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;

// Minutes after the first row's clock time; what comes after midnight counts on.
const startOf = (card, grid) => {
  const begins = minutesOf(grid.dataset.begins);
  const at = minutesOf(card.dataset.start);
  return at < begins ? at + 24 * 60 : at;
};
const roomName = (key) => {
  const head = [...board().querySelectorAll(".room")].find((room) => room.dataset.room === key);
  return head && key ? head.firstChild.textContent.trim() : words.noroom;
};

async function refresh(focus) {
  const answer = await fetch(`${address}?day=${day}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board-page");
  const scrolled = [...board().querySelectorAll(".grid-wrap")].map((one) => [one.scrollLeft, one.scrollTop]);
  for (const part of [...page.children]) if (part !== said && part !== onto) part.remove();
  for (const part of [...fresh.children]) {
    if (part.id === "board-said" || part.id === "board-onto") continue;
    if (part.id === "board" || part.id === "board-words") page.insertBefore(part, onto);
    else page.insertBefore(part, said);
  }
  page.insertBefore(said, board());
  page.dataset.edits = fresh.dataset.edits;
  board().querySelectorAll(".grid-wrap").forEach((one, index) => {
    if (scrolled[index]) [one.scrollLeft, one.scrollTop] = scrolled[index];
  });
  ready();
  if (focus) document.getElementById(`s-${focus}`)?.focus();
  return true;
}

async function send(path, body, title, done) {
  busy = true;
  const { outcome, problem, detail } = await post(`${address}/${path}`, body);
  try {
    await refresh(body.code ?? body.one);
  } catch {
    // without a line the board stays as it was; the next look brings it up to date
  }
  busy = false;
  if (outcome === "saved") say(filled(done, { title }), "good");
  else if (outcome === "lost") say(words.lost, "bad");
  else say(detail || problem?.title || words.lost, "bad");
}

const place = (card, { room, start, minutes }) => {
  const given = minutes === Number(card.dataset.minutes) ? card.dataset.given : String(minutes);
  const body = { code: card.dataset.code, room, day, start: clockOf(start), minutes: given, base: card.dataset.base };
  if (start >= 24 * 60) body.after_midnight = true;
  return send(`sessions/${card.dataset.code}/place`, body, card.dataset.title, words.saved);
};
const park = (card) =>
  send(`sessions/${card.dataset.code}/park`, { code: card.dataset.code, base: card.dataset.base }, card.dataset.title, words.parked);
const swap = (card, other) =>
  send(
    "swap",
    { one: card.dataset.code, one_base: card.dataset.base, other: other.dataset.code, other_base: other.dataset.base },
    card.dataset.title,
    words.saved,
  );

// Where a point of the window lies on a grid: its room's key and the minutes of the day.
function aim(x, y, raster) {
  const grid = document.elementsFromPoint(x, y).map((one) => one.closest?.(".board-grid")).find(Boolean);
  if (!grid) return null;
  const head = [...grid.querySelectorAll(".room")].find((room) => {
    const { left, right } = room.getBoundingClientRect();
    return left <= x && x < right;
  });
  if (!head) return null;
  // rows grow with what is in them: the hour's own box says where its quarters are
  const hour = [...grid.querySelectorAll(".hour")].find((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return top <= y && y < bottom;
  });
  if (!hour) return null;
  const { top, height } = hour.getBoundingClientRect();
  const index = [...grid.querySelectorAll(".hour")].indexOf(hour);
  const exact = minutesOf(grid.dataset.begins) + index * 60 + ((y - top) / height) * 60;
  return { room: head.dataset.room, start: Math.round(exact / raster) * raster, grid };
}

function ghost(card, place, minutes) {
  for (const one of document.querySelectorAll(".drops-here")) one.classList.remove("drops-here");
  card.querySelector(".aim")?.remove();
  if (!place) return;
  const note = Object.assign(document.createElement("p"), {
    className: "aim",
    textContent: `${clockOf(place.start)}–${clockOf(place.start + minutes)} ${roomName(place.room)}`,
  });
  card.append(note);
  place.grid?.querySelectorAll(".room").forEach((room) => room.classList.toggle("drops-here", room.dataset.room === place.room));
}

function scrollNear(x, y) {
  const wrap = document.elementsFromPoint(x, y).map((one) => one.closest?.(".grid-wrap")).find(Boolean);
  if (wrap) {
    const { left, right, top, bottom } = wrap.getBoundingClientRect();
    wrap.scrollLeft += x > right - EDGE ? 12 : x < left + EDGE ? -12 : 0;
    wrap.scrollTop += y > bottom - EDGE ? 12 : y < top + EDGE ? -12 : 0;
  }
  if (y < EDGE || y > innerHeight - EDGE) scrollBy(0, y < EDGE ? -12 : 12);
}

function grab(card, pressed) {
  if (pressed.button || busy || pressed.target.closest("button, input, select")) return;
  const stretching = pressed.target.closest(".stretch") !== null;
  if (!stretching && pressed.pointerType === "touch" && !pressed.target.closest(".slot-time")) return; // a finger scrolls
  const from = { x: pressed.clientX, y: pressed.clientY };
  const box = card.getBoundingClientRect();
  const minutes = Number(card.dataset.minutes);
  const offset = card.dataset.start ? pressed.clientY - box.top : 0;
  let moved = false;
  let at = null;
  const over = new AbortController();
  // on the document: a quick hand has left the card before it moves for the first time
  const on = (kind, act) => document.addEventListener(kind, act, { signal: over.signal });
  const end = () => {
    over.abort();
    card.classList.remove("is-dragged");
    card.style.removeProperty("translate");
    ghost(card, null);
    busy = false;
  };
  on("pointermove", (move) => {
    if (!moved && Math.hypot(move.clientX - from.x, move.clientY - from.y) < 6) return;
    if (!moved) {
      moved = busy = true;
      card.setPointerCapture(pressed.pointerId);
      card.classList.add("is-dragged");
    }
    move.preventDefault();
    if (stretching) {
      at = aim(box.left + 4, move.clientY, STEP);
      const start = startOf(card, card.closest(".board-grid"));
      const length = at ? Math.max(STEP, at.start - start) : minutes;
      at = at && { room: card.dataset.room, start, minutes: length };
      ghost(card, at && { ...at, grid: card.closest(".board-grid") }, length);
      return;
    }
    card.style.translate = `${move.clientX - from.x}px ${move.clientY - from.y}px`;
    at = aim(move.clientX, move.clientY - offset, move.shiftKey ? STEP : QUARTER);
    ghost(card, at, minutes);
    scrollNear(move.clientX, move.clientY);
  });
  on("pointerup", (released) => {
    const isParked = document.elementsFromPoint(released.clientX, released.clientY).some((one) => one.closest?.("[data-park]"));
    const under = document
      .elementsFromPoint(released.clientX, released.clientY)
      .map((one) => one.closest?.(".board-grid .card-slot"))
      .find((one) => one && one !== card);
    end();
    if (!moved) return;
    // what was dragged by its title is not opened; a click that does not come must not swallow the next one
    const quiet = new AbortController();
    window.addEventListener("click", (click) => click.preventDefault(), { capture: true, signal: quiet.signal });
    setTimeout(() => quiet.abort(), 50);
    if (stretching) return at && place(card, at);
    if (isParked) return card.dataset.start ? park(card) : undefined;
    if (!at) return say(filled(words.left, { title: card.dataset.title }));
    return under && card.dataset.start ? ask(card, under, at) : place(card, { ...at, minutes });
  });
  on("pointercancel", end);
  on("keydown", (key) => key.key === "Escape" && end());
}

// Dropped on another session: the two change places, or stand beside each other.
function ask(card, other, at) {
  document.getElementById("onto-what").textContent = other.dataset.title;
  onto.returnValue = "";
  onto.addEventListener(
    "close",
    () => {
      if (onto.returnValue === "swap") swap(card, other);
      else if (onto.returnValue === "beside") place(card, { ...at, minutes: Number(card.dataset.minutes) });
      else say(filled(words.left, { title: card.dataset.title }));
    },
    { once: true },
  );
  onto.showModal();
}

// By keys: Space picks up, arrows move, Shift and an arrow stretch, P parks, Space puts down, Escape leaves.
let held = null;
function lift(card) {
  const grid = board().querySelector(".board-grid");
  const rooms = [...new Set([...board().querySelectorAll(".board-grid .room")].map((room) => room.dataset.room))];
  const start = card.dataset.start ? startOf(card, card.closest(".board-grid") ?? grid) : minutesOf(grid.dataset.begins) + 60;
  held = { card, rooms, room: card.dataset.room || rooms[0], start, minutes: Number(card.dataset.minutes), moved: false };
  busy = true;
  card.classList.add("is-held");
  say(filled(words.picked, { title: card.dataset.title, start: clockOf(start), room: roomName(held.room) }));
}
function letGo() {
  held?.card.classList.remove("is-held");
  if (held) ghost(held.card, null);
  held = null;
  busy = false;
}
function keys(card, pressed) {
  if (pressed.target !== card || pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
  if (!held) {
    if (pressed.key === " " && !busy) {
      pressed.preventDefault();
      lift(card);
    } else if (pressed.key === "Enter") card.querySelector("a").click();
    return;
  }
  const along = document.dir === "rtl" ? -1 : 1;
  const steps = { ArrowUp: [-QUARTER, 0], ArrowDown: [QUARTER, 0], ArrowLeft: [0, -along], ArrowRight: [0, along] };
  if (steps[pressed.key]) {
    pressed.preventDefault();
    const [time, side] = steps[pressed.key];
    if (pressed.shiftKey) held.minutes = Math.max(STEP, held.minutes + (time ? Math.sign(time) * STEP : 0));
    else if (time) held.start = Math.max(0, held.start + time);
    else held.room = held.rooms[Math.min(held.rooms.length - 1, Math.max(0, held.rooms.indexOf(held.room) + side))];
    held.moved = true;
    const { start, minutes, room } = held;
    ghost(card, { start, room, grid: board().querySelector(".board-grid") }, minutes);
    say(filled(words.moved, { title: card.dataset.title, start: clockOf(start), minutes, room: roomName(room) }));
  } else if (pressed.key === " " || pressed.key === "Enter") {
    pressed.preventDefault();
    const { room, start, minutes, moved } = held;
    letGo();
    if (moved) place(card, { room, start, minutes });
    else say(filled(words.left, { title: card.dataset.title }));
  } else if (pressed.key === "Escape") {
    letGo();
    say(filled(words.left, { title: card.dataset.title }));
  } else if (pressed.key.toLowerCase() === "p") {
    letGo();
    park(card);
  }
}

function ready() {
  document.querySelector(".board-keys").hidden = false;
  for (const card of board().querySelectorAll(".card-slot")) {
    card.tabIndex = 0;
    card.setAttribute("role", "group");
    card.setAttribute("aria-label", card.dataset.title);
    card.addEventListener("pointerdown", (pressed) => grab(card, pressed));
    card.addEventListener("keydown", (pressed) => keys(card, pressed));
    card.addEventListener("blur", () => held?.card === card && letGo());
    card.addEventListener("dragstart", (drag) => drag.preventDefault());
  }
}

// What others do meanwhile shows up by itself, unless something is in hand.
async function look() {
  if (busy || document.hidden || onto.open) return;
  try {
    const answer = await fetch(`${address}/state?after=${page.dataset.edits}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || busy) return;
    const { edits, meanwhile } = await answer.json();
    if (edits === Number(page.dataset.edits)) return;
    await refresh(document.activeElement?.dataset?.code);
    say(filled(words.meanwhile, { what: meanwhile.map((one) => one.says).join("; ") }));
  } catch {
    // no line: the next look finds out
  }
}

ready();
setInterval(look, LOOK_EVERY);
document.addEventListener("visibilitychange", look);
