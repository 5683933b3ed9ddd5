// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { start } from "./snippet";

interface Sent {
  kind: string;
  external_id: string;
  customer: { identities: { type: string; value: string }[] };
  properties: Record<string, unknown>;
}

let answers: (() => Promise<{ status: number }>)[] = [];
const fetched = vi.fn((_url: string, _init: RequestInit) => (answers.shift() ?? (() => Promise.resolve({ status: 200 })))());

function script(attributes: Record<string, string> = {}): HTMLScriptElement {
  const element = document.createElement("script");
  Object.defineProperty(element, "src", { value: "https://cx.example/snippet.js" });
  element.setAttribute("data-key", "pk_test");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const peyvand = (...given: unknown[]): void => (window as unknown as { peyvand: (...all: unknown[]) => void }).peyvand(...given);
const batch = (call: number): Sent[] => JSON.parse(String(fetched.mock.calls[call]?.[1].body)) as Sent[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", fetched);
  fetched.mockClear();
  answers = [];
  localStorage.clear();
  sessionStorage.clear();
  delete (window as { peyvand?: unknown }).peyvand;
  delete (history as { pushState?: unknown }).pushState; // the wrapper of the test before
  Object.defineProperty(navigator, "doNotTrack", { value: null, configurable: true });
  window.location.href = "https://shop.example/cups?q=secret&utm_source=sms#top";
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the site snippet", () => {
  test("sends the first visit without the query string but with utm, under one device id", async () => {
    start(script());
    await vi.advanceTimersByTimeAsync(1100);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]?.[0]).toBe("https://cx.example/api/v1/snippet?key=pk_test");
    const [visit] = batch(0);
    expect(visit?.kind).toBe("site.visited");
    expect(visit?.properties["url"]).toBe("/cups?utm_source=sms");
    expect(visit?.customer.identities).toEqual([{ type: "device", value: localStorage.getItem("peyvand.device") }]);
  });

  test("takes commands given before it was loaded, and later ones, in one batch", async () => {
    (window as { peyvand?: unknown }).peyvand = { q: [["search", { query: "فنجان", results: 0 }]] };
    start(script());
    peyvand("cart", { action: "added", sku: "A1", quantity: 2 });
    peyvand("nonsense", {});
    await vi.advanceTimersByTimeAsync(1100);
    expect(batch(0).map((item) => item.kind)).toEqual(["site.visited", "site.searched", "cart.changed"]);
  });

  test("adds who the person said they are to what waits and what follows", async () => {
    start(script());
    peyvand("identify", { email: "mina@mail.example", colour: "red" });
    peyvand("product", { sku: "A1" });
    await vi.advanceTimersByTimeAsync(1100);
    for (const item of batch(0)) expect(item.customer.identities.map((one) => one.type)).toEqual(["device", "email"]);
  });

  test("sends again under the same id after a failure, and not after success", async () => {
    answers = [() => Promise.reject(new Error("offline")), () => Promise.resolve({ status: 503 })];
    start(script());
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetched).toHaveBeenCalledTimes(3);
    expect(batch(1)[0]?.external_id).toBe(batch(0)[0]?.external_id);
    expect(batch(2)[0]?.external_id).toBe(batch(0)[0]?.external_id);
    expect(localStorage.getItem("peyvand.waiting")).toBe("");
  });

  test("gives up on what the server refuses for good", async () => {
    answers = [() => Promise.resolve({ status: 422 })];
    start(script());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  test("counts a page of a single-page shop once for each address", async () => {
    start(script());
    history.pushState({}, "", "/plates?page=2");
    await vi.advanceTimersByTimeAsync(10);
    history.pushState({}, "", "/plates?page=3");
    await vi.advanceTimersByTimeAsync(1100);
    expect(batch(0).map((item) => item.properties["url"])).toEqual(["/cups?utm_source=sms", "/plates"]);
  });

  test("keeps nothing and sends nothing where tracking is refused, until consent is given", async () => {
    start(script({ "data-consent": "off" }));
    peyvand("search", { query: "x", results: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(fetched).not.toHaveBeenCalled();
    expect(localStorage.getItem("peyvand.device")).toBeNull();
    peyvand("consent", true);
    await vi.advanceTimersByTimeAsync(1100);
    expect(batch(0).map((item) => item.kind)).toEqual(["site.visited"]);
  });

  test("respects Do Not Track", async () => {
    Object.defineProperty(navigator, "doNotTrack", { value: "1", configurable: true });
    start(script());
    await vi.advanceTimersByTimeAsync(5000);
    expect(fetched).not.toHaveBeenCalled();
  });

  test("works from memory where the browser refuses storage", async () => {
    const refuse = () => {
      throw new Error("denied");
    };
    vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse });
    start(script());
    peyvand("search", { query: "x", results: 1 });
    await vi.advanceTimersByTimeAsync(1100);
    const devices = batch(0).map((item) => item.customer.identities[0]?.value);
    expect(devices).toHaveLength(2);
    expect(devices[0]).toBe(devices[1]);
  });
});
