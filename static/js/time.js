// Shows programme times on the reader's own clock, beside the venue's, where the two differ.
// Without it a reader chooses a zone by hand (`?tz=`), and then the server shows both.

const language = document.documentElement.lang || "en";
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map();
function parts(moment, zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    }));
  }
  const got = Object.fromEntries(formats.get(zone).formatToParts(moment).map((part) => [part.type, part.value]));
  return { day: `${got.year}-${got.month}-${got.day}`, clock: `${got.hour}:${got.minute}` };
}

// Made once: a programme has a thousand times, and making a format takes longer than using it.
const customs = language === "en" ? "en-GB" : language;
const dayFormat = new Intl.DateTimeFormat(customs, { timeZone: mine, weekday: "short", month: "short", day: "numeric" });
const zoneFormat = new Intl.DateTimeFormat(customs, { timeZone: mine, timeZoneName: "shortGeneric" });

function same(one, other) {
  return one.day === other.day && one.clock === other.clock;
}

function onDay(moment, hours) {
  const words = document.querySelector('meta[name="day-hours"]')?.content ?? "{day}, {hours}";
  return words.replace("{day}", dayFormat.format(moment)).replace("{hours}", hours);
}

function zoneName(moment) {
  return zoneFormat.formatToParts(moment).find((part) => part.type === "timeZoneName")?.value ?? mine;
}

/** A stretch of time on the reader's clock, or null where the venue's clock shows the same. */
export function readerTime(start, end, venue) {
  const here = parts(start, mine);
  const there = parts(start, venue);
  if (same(here, there) && (!end || same(parts(end, mine), parts(end, venue)))) return null;
  let hours = here.clock;
  if (end) {
    const last = parts(end, mine);
    hours += last.day === here.day ? `–${last.clock}` : ` – ${onDay(end, last.clock)}`;
  }
  return `${here.day === there.day ? hours : onDay(start, hours)} ${zoneName(start)}`;
}

/** Adds the reader's time after every `<time data-zone>` below `root` that has none. */
export function showReaderTimes(root = document) {
  for (const time of root.querySelectorAll("time[data-zone]:not([data-reader-zone])")) {
    const start = new Date(time.dateTime);
    if (Number.isNaN(start.getTime())) continue;
    time.dataset.readerZone = mine;
    const words = readerTime(start, time.dataset.end ? new Date(time.dataset.end) : null, time.dataset.zone);
    if (words === null) continue;
    const own = document.createElement("span");
    own.className = "reader-time";
    own.textContent = words;
    const zone = time.nextElementSibling;
    (zone?.classList.contains("zone") ? zone : time).after(" ", own);
  }
}

/** Offers the reader's own zone in every choice of a zone that is still open. */
export function offerOwnZone(root = document) {
  if (new URLSearchParams(location.search).get("tz")) return;
  const words = document.querySelector('meta[name="my-zone"]')?.content ?? "My time zone";
  for (const choice of root.querySelectorAll('select[name="tz"], input[name="tz"]')) {
    if (choice instanceof HTMLInputElement) {
      if (!choice.value) choice.value = mine;
    } else {
      choice.prepend(new Option(`${words} (${mine})`, mine, true, true));
    }
  }
}

showReaderTimes();
offerOwnZone();
