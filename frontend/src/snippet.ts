// The site snippet: <script async src="https://HOST/snippet.js" data-key="pk_…"></script>
// Sends visits, searches, product views and carts of a shop's site. It never throws into the page, sends no query string but utm,
// and every event carries its own id, so that a repeat has one effect. window.peyvand("search", {query, results}) and the like.

type Fields = Record<string, unknown>;
interface Identity {
  type: string;
  value: string;
}
interface Item {
  kind: string;
  occurred_at: string;
  external_id: string;
  customer: { identities: Identity[] };
  properties: Fields;
}

const KINDS: Record<string, string> = { visit: "site.visited", search: "site.searched", product: "product.viewed", cart: "cart.changed" };
const KNOWN = ["own_id", "phone", "email"];
const AT_ONCE = 20;
const KEPT = 100;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60000;

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
}

/** A value kept in the browser's storage, or in memory where storage is refused. */
function kept(storage: () => Storage, name: string): { get(): string; set(value: string): void } {
  let memory = "";
  return {
    get() {
      try {
        return storage().getItem(name) || memory;
      } catch {
        return memory;
      }
    },
    set(value) {
      memory = value;
      try {
        storage().setItem(name, value);
      } catch {
        // private mode or a full store: memory is enough for this page
      }
    },
  };
}

function pageAddress(): string {
  const utm = location.search.slice(1).split("&").filter((pair) => pair.slice(0, 4) === "utm_").join("&");
  return location.pathname + (utm ? `?${utm}` : "");
}

function referrerHost(): string {
  try {
    const host = document.referrer ? new URL(document.referrer).host : "";
    return host === location.host ? "" : host;
  } catch {
    return "";
  }
}

function asked(script: HTMLScriptElement): boolean {
  const refused = navigator.doNotTrack === "1" || (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
  return !refused && script.getAttribute("data-consent") !== "off";
}

/** Starts the snippet for its own <script> element; called once. */
export function start(script: HTMLScriptElement): void {
  const address = `${new URL(script.src).origin}/api/v1/snippet?key=${encodeURIComponent(script.getAttribute("data-key") || "")}`;
  const device = kept(() => localStorage, "peyvand.device");
  const waiting = kept(() => localStorage, "peyvand.waiting");
  const person = kept(() => sessionStorage, "peyvand.person");
  let allowed = asked(script);
  let queue: Item[] = [];
  let timer = 0;
  let pause = FIRST_PAUSE;
  let sending = false;
  let lastPage = "";

  function identities(): Identity[] {
    if (!device.get()) device.set(randomId());
    return [{ type: "device", value: device.get() }, ...(JSON.parse(person.get() || "[]") as Identity[])];
  }

  function keep(): void {
    queue = queue.slice(-KEPT);
    waiting.set(queue.length ? JSON.stringify(queue) : "");
  }

  function later(wait: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => safely(send), wait);
  }

  function sent(batch: Item[], good: boolean): void {
    sending = false;
    if (good) {
      const ids = batch.map((item) => item.external_id);
      queue = queue.filter((item) => ids.indexOf(item.external_id) < 0);
      pause = FIRST_PAUSE;
      keep();
    } else pause = Math.min(pause * 2, LONGEST_PAUSE);
    if (queue.length) later(pause);
  }

  function send(): void {
    if (sending || !queue.length) return;
    const batch = queue.slice(0, AT_ONCE);
    sending = true;
    fetch(address, { method: "POST", body: JSON.stringify(batch), headers: { "Content-Type": "text/plain" }, keepalive: true, credentials: "omit" }).then(
      (answer) => sent(batch, answer.status < 500 && answer.status !== 429 && answer.status !== 408),
      () => sent(batch, false),
    );
  }

  // When the page is left a beacon carries the rest; what the browser does not take stays for the next page.
  function leave(): void {
    while (queue.length && navigator.sendBeacon && navigator.sendBeacon(address, JSON.stringify(queue.slice(0, AT_ONCE)))) queue = queue.slice(AT_ONCE);
    keep();
  }

  function record(kind: string, properties: Fields): void {
    if (!allowed) return;
    queue.push({ kind, occurred_at: new Date().toISOString(), external_id: randomId(), customer: { identities: identities() }, properties });
    keep();
    later(pause);
  }

  function visit(): void {
    const page = pageAddress();
    if (page === lastPage) return;
    const first = lastPage === "";
    lastPage = page;
    record("site.visited", { url: page, title: document.title, referrer: first ? referrerHost() : "" });
  }

  function identify(fields: Fields): void {
    const known = KNOWN.filter((type) => fields[type]).map((type) => ({ type, value: String(fields[type]) }));
    person.set(JSON.stringify(known));
    for (const item of queue) item.customer = { identities: identities() };
    keep();
  }

  function consent(given: boolean): void {
    const before = allowed;
    allowed = given;
    if (!given) {
      queue = [];
      device.set("");
      person.set("");
      keep();
    } else if (!before) {
      lastPage = "";
      visit();
    }
  }

  function command(name: string, fields?: Fields | boolean): void {
    const kind = KINDS[name];
    if (name === "consent") consent(fields !== false);
    else if (name === "identify" && allowed) identify((fields as Fields) || {});
    else if (kind) record(kind, (fields as Fields) || {});
  }

  const shared = window as unknown as { peyvand?: { q?: ArrayLike<unknown>[] } };
  const early = (shared.peyvand && shared.peyvand.q) || [];
  shared.peyvand = ((...given: unknown[]) => safely(() => command(String(given[0]), given[1] as Fields))) as { q?: ArrayLike<unknown>[] };

  if (allowed) queue = JSON.parse(waiting.get() || "[]") as Item[];
  visit();
  for (const given of early) safely(() => command(String(given[0]), given[1] as Fields));

  const push = history.pushState;
  history.pushState = function (this: History, ...given: Parameters<History["pushState"]>) {
    push.apply(this, given);
    safely(() => window.setTimeout(() => safely(visit), 0));
  };
  addEventListener("popstate", () => safely(visit));
  addEventListener("pagehide", () => safely(leave));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && safely(leave));
}

function safely(work: () => void): void {
  try {
    work();
  } catch {
    // The shop's page goes on, whatever happened here.
  }
}

const own = document.currentScript as HTMLScriptElement | null;
if (own && own.getAttribute("data-key")) safely(() => start(own));
