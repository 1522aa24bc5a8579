// Reads a calendar from standard input with ical.js, as Thunderbird does, and prints its entries as JSON.
const ICAL = require("../vendor/ical.js@2.2.1/ical.es5.min.cjs");

const text = require("node:fs").readFileSync(0, "utf8");
const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
const one = (entry, name) => entry.getFirstPropertyValue(name);
const entries = calendar.getAllSubcomponents("vevent").map((entry) => ({
  uid: one(entry, "uid"),
  start: one(entry, "dtstart").toJSDate().toISOString(),
  end: one(entry, "dtend").toJSDate().toISOString(),
  summary: one(entry, "summary"),
  description: one(entry, "description"),
  location: one(entry, "location"),
  status: one(entry, "status"),
  sequence: one(entry, "sequence"),
  categories: entry.getFirstProperty("categories").getValues(),
  url: one(entry, "url"),
  conference: one(entry, "conference"),
}));
console.log(JSON.stringify({ name: one(calendar, "name"), entries }));
