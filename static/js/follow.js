// Follows the log of a live summary: over a WebSocket, by long polls where none comes through, or, on a bad line, by
// asking every so many seconds for the least there is.
// Whatever happens to the line, every event is told once and in order: the cursor says where we stand.

const SILENCE = 60_000; // the server speaks every 25 s; two silences mean the line is dead
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const POLLS = 10; // then the socket is tried again: whatever kept it out may be gone

const between = (low, high) => low + Math.random() * (high - low);

export class Follower {
  // `told` has snapshot(message), event(event), followers(n), standing(live) and
  // state("connecting" | "connected" | "quiet" | "lost", seconds). `every` seconds it asks; 0: it hangs on.
  constructor(address, cursor, told, every = 0) {
    this.address = address;
    this.every = every;
    [this.epoch, this.offset] = Follower.parse(cursor);
    this.told = told;
    this.failures = 0;
    this.turn = 0; // of two lines only the newer counts
    addEventListener("offline", () => this.again());
    addEventListener("online", () => this.afresh());
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", (shown) => shown.persisted && this.connect());
    document.addEventListener("visibilitychange", () => {
      if (this.every ? !document.hidden : !document.hidden && Date.now() - this.heard > SILENCE) this.connect();
    });
  }

  static parse(cursor) {
    const cut = cursor.lastIndexOf(":");
    return [cursor.slice(0, cut), Number(cursor.slice(cut + 1))];
  }

  get cursor() {
    return `${this.epoch}:${this.offset}`;
  }

  stop() {
    this.turn += 1;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }

  // Try the socket again, whatever failed before.
  afresh() {
    this.failures = 0;
    this.polls = 0;
    this.connect();
  }

  // Ask for everything once more: a snapshot comes and replaces what is held.
  whole() {
    [this.epoch, this.offset] = ["", 0];
    this.connect();
  }

  // Ask every so many seconds from now on, or hang on again (0).
  ask(every) {
    const wasQuiet = this.every > 0;
    this.every = every;
    if (wasQuiet && !every) this.whole(); // what came as text alone comes again as it is meant to look
    else this.connect();
  }

  connect() {
    this.stop();
    const turn = this.turn;
    if (this.every) return this.asks(turn);
    this.told.state("connecting");
    this.heard = Date.now();
    if (this.failures >= 3 && this.failures % 3 !== 0) return this.poll(turn);
    const url = new URL(`${this.address}/ws`, location);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("after", this.cursor);
    const socket = (this.socket = new WebSocket(url, "plenary.live.1"));
    socket.onopen = () => turn === this.turn && this.told.standing(true); // it is told otherwise at once
    socket.onmessage = (message) => turn === this.turn && this.hear(JSON.parse(message.data));
    socket.onclose = () => turn === this.turn && this.again();
    this.watch(turn);
  }

  watch(turn) {
    this.timer = setTimeout(() => {
      if (turn !== this.turn) return;
      if (Date.now() - this.heard > SILENCE) this.again();
      else this.watch(turn);
    }, 5_000);
  }

  // Come back after a pause that is random over its whole length, so that a crowd does not come back as one.
  again() {
    if (this.every) return this.connect();
    this.stop();
    this.told.state("lost");
    this.failures += 1;
    const pause = this.bye ?? [0, Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures)];
    this.bye = null;
    this.timer = setTimeout(() => this.connect(), between(...pause));
  }

  // One question, answered without a body where nothing is new. No cookie and no address of this page goes with it.
  async asks(turn) {
    const frugal = { credentials: "omit", referrerPolicy: "no-referrer" }; // the answer itself says that none is kept
    const patience = AbortSignal.timeout(Math.max(this.every, 30) * 1000);
    try {
      const answer = await fetch(`${this.address}.json?after=${this.cursor}&quiet`, { ...frugal, signal: patience });
      if (!answer.ok) throw new Error(answer.status);
      const message = answer.status === 204 ? null : await answer.json();
      if (turn !== this.turn) return;
      if (message) this.hear(message, true);
      this.told.standing(answer.headers.get("plenary-live") !== "false");
      this.told.state("quiet", this.every);
    } catch {
      if (turn === this.turn) this.told.state("lost");
    }
    if (turn !== this.turn) return;
    const pause = this.every * 1000;
    this.timer = setTimeout(() => document.hidden || this.connect(), between(pause, pause * 1.1));
  }

  async poll(turn) {
    try {
      const answer = await fetch(`${this.address}.json?after=${encodeURIComponent(this.cursor)}&wait=25`, {
        cache: "no-store",
      });
      if (!answer.ok) throw new Error(answer.status);
      const message = await answer.json();
      if (turn !== this.turn) return;
      this.hear(message, true);
      this.told.standing(answer.headers.get("plenary-live") !== "false");
      this.polls = (this.polls ?? 0) + 1;
      if (this.polls >= POLLS) this.afresh();
      else this.poll(turn);
    } catch {
      if (turn === this.turn) this.again();
    }
  }

  hear(message, polled = false) {
    this.heard = Date.now();
    if (!polled) this.failures = 0;
    if (message.type === "snapshot") {
      [this.epoch, this.offset] = [message.epoch, message.offset];
      this.told.snapshot(message);
      this.told.state("connected");
    } else if (message.type === "events") {
      if (message.epoch !== this.epoch || message.from > this.offset + 1) return this.connect();
      for (const event of message.events) {
        if (event.offset <= this.offset) continue;
        this.offset = event.offset;
        this.told.event(event);
      }
      this.told.state("connected");
    } else if (message.type === "presence") {
      this.told.followers(message.followers);
    } else if (message.type === "ping") {
      const [epoch, offset] = Follower.parse(message.heads.summary ?? this.cursor);
      if (epoch !== this.epoch || offset > this.offset) this.connect();
    } else if (message.type === "standing") {
      this.told.standing(message.live);
    } else if (message.type === "bye") {
      this.bye = message.retry_ms;
    }
  }
}
