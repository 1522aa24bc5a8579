// Words that are not at the server yet, kept in this browser: a closed page, a dead battery, nothing is lost.

export const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // plain http has no randomUUID

export function keep(place, draft) {
  try {
    if (draft === null) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify(draft));
  } catch (fault) {
    console.warn("this browser keeps nothing", fault); // full or forbidden: the page still holds it
  }
}

export function kept(place) {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}

// Where words are kept for something below an address.
export function placesBelow(address) {
  try {
    return Object.keys(localStorage).filter((place) => place.startsWith(`plenary:${address}`));
  } catch {
    return [];
  }
}
