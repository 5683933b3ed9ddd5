import { expect, test } from "vitest";
import { stays } from "./tabler.mjs";

test.each([".form-control", ".modal-dialog .modal-content", ":root", "body", ".d-flex", ".mt-3"])("Tabler's %s stays", (selector) => expect(stays(selector)).toBe(true));
test.each([".navbar-brand", ".card .form-control", ".flag-country-ir", ".ribbon", "h1.page-title"])("Tabler's %s goes", (selector) => expect(stays(selector)).toBe(false));
