// Takes from Tabler only the families the console uses, so that a page loads a sixth of its sheet.
// The list decides, not the templates: a class of a kept family always works, whatever page uses it first.

// A class belongs to a family when it is the family's name or begins with it and a hyphen.
const kept = [
  "form", "input", "col-form", "btn-check", "btn-close", "was-validated", "is-valid", "is-invalid", "valid", "invalid",
  "modal", "dropdown", "toast", "offcanvas", "fade", "show", "collapse", "collapsing",
  "visually-hidden", "table-responsive", "spinner", "placeholder",
  "d", "flex", "justify", "align", "gap", "m", "mt", "mb", "ms", "me", "mx", "my", "p", "pt", "pb", "ps", "pe", "px", "py",
  "w", "h", "text-start", "text-end", "text-center", "text-nowrap", "text-wrap", "text-break", "text-truncate", "overflow", "position", "order",
];
const dropped = ["form-imagecheck", "form-colorinput", "form-selectgroup", "form-fieldset", "form-hint", "dropdown-menu-card", "modal-blur", "h1", "h2", "h3", "h4", "h5", "h6"];

const within = (name, families) => families.some((family) => name === family || name.startsWith(`${family}-`));

/** Whether a selector may stay: every class in it is of a kept family. */
export function stays(selector) {
  const classes = [...selector.replace(/\\./g, "_").matchAll(/\.(-?[a-zA-Z_][\w-]*)/g)].map((match) => match[1]);
  if (classes.some((name) => within(name, dropped) || !within(name, kept))) return false;
  return classes.length > 0 || /^(:root|\*|::|:host|\[data-bs-theme|html|body|a\b|button|input|select|textarea|label|table|t[rhd]|th|t(body|head)|img|svg|hr|h[1-6]|p\b|[ou]l|d[ltd]|small|strong|b\b|code|pre|kbd|fieldset|legend|progress|summary|\[)/.test(selector.trim());
}

/** A PostCSS plugin that leaves our own sheets alone and trims Tabler's. */
export function trimTabler() {
  return {
    postcssPlugin: "trim-tabler",
    OnceExit(root) {
      root.walkRules((rule) => {
        if (!rule.source?.input.file?.includes("@tabler") || rule.parent?.name?.endsWith("keyframes")) return;
        const selectors = rule.selectors.filter(stays);
        if (selectors.length) rule.selectors = selectors;
        else rule.remove();
      });
      root.walkAtRules((at) => {
        if (at.nodes && at.nodes.length === 0) at.remove();
      });
    },
  };
}
