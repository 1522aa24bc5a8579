// The choice of a language of the text: what there is to choose, and the choice itself.
import { direction, parseChoice } from "./summary.js";

const words = document.getElementById("live-words").dataset;
const byId = (id) => document.getElementById(id);

const ownName = (lang) => {
  try {
    const name = new Intl.DisplayNames([lang], { type: "language" }).of(lang);
    return name.charAt(0).toLocaleUpperCase(lang) + name.slice(1);
  } catch {
    return lang;
  }
};

const option = (value, text, lang = "") => {
  const one = new Option(text, value);
  if (lang) [one.lang, one.dir] = [lang, direction(lang)];
  return one;
};

// `both`: whether original and translation can be had together. `chosen(value)` hears of each choice.
export function offerLanguages(reading, follower, { both = false, chosen = () => {} } = {}) {
  const { summary } = reading;
  const select = byId("text");
  let wanted = select.value;
  summary.onlanguages = (languages) => {
    select.replaceChildren(
      select.options[0],
      ...languages.map((lang) => option(lang, ownName(lang), lang)),
      ...(both ? languages.map((lang) => option(`both:${lang}`, words.both.replace("{language}", ownName(lang)))) : []),
    );
    const again = [...select.options].find((one) => one.value.toLowerCase() === wanted.toLowerCase());
    (again ?? select.options[0]).selected = true;
    byId("languages").hidden = languages.length === 0;
  };
  select.addEventListener("change", () => {
    wanted = select.value;
    chosen(wanted);
    if (summary.choose(parseChoice(wanted))) return;
    if (reading.waiting) reading.resume(); // the texts have to come first, and whoever chooses wants to see them
    follower.whole();
  });
}
