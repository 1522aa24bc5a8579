// Sends something to the server as a program would, and says in one word what came of it:
// saved · conflict (somebody was faster) · refused (a fault, no permission) · signin · lost (no line, no answer).
export async function post(address, body, headers = {}) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "manual",
    });
    if (answer.ok) return { outcome: "saved", facts: await answer.json() };
    if (answer.status === 401) return { outcome: "signin" };
    if (answer.status >= 500 || answer.status === 429) return { outcome: "lost" };
    const problem = await answer.json();
    const detail = Object.values(problem.errors ?? {})[0] ?? problem.detail ?? "";
    return { outcome: answer.status === 409 ? "conflict" : "refused", problem, detail };
  } catch {
    return { outcome: "lost" };
  }
}

// Ctrl+Enter and Ctrl+S (Cmd on a Mac): the words are to be saved, and no dialog of the browser opens.
export const isSave = (pressed) =>
  (pressed.ctrlKey || pressed.metaKey) && !pressed.altKey && (pressed.key === "Enter" || pressed.key.toLowerCase() === "s");

export const isEscape = (pressed) => pressed.key === "Escape" && !pressed.isComposing;
