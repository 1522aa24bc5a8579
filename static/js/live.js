// The live page: the text is there already; from here on it grows by itself.
import { Follower } from "./follow.js";
import { Summary } from "./summary.js";

const page = document.querySelector("[data-live]");
document.getElementById("pauses").hidden = true; // reloading is for those without this script
document.querySelector('meta[http-equiv="refresh"]')?.remove();
new Follower(page.dataset.address, page.dataset.cursor, new Summary()).connect();
