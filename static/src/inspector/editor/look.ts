/** How code looks: our tokens for syntax, selection, completion and error marks, in light and dark alike. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags as t } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", font: "var(--text-editor)", background: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "var(--text-editor)", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)", fontFamily: "inherit" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "1.5px" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-gutters": { background: "var(--surface)", color: "var(--ink-3)", border: "none", paddingLeft: "4px" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "22px", padding: "0 4px 0 0" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "transparent" },
  "&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter": { background: "var(--sunken)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "var(--accent-soft)" },
  ".cm-matchingBracket": { background: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-fault": { textDecoration: "underline wavy var(--err)", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".cm-faultLine": { background: "var(--err-soft)" },
  ".cm-faultGutter": { color: "var(--err)", fontWeight: "600" },
  ".cm-tooltip": { background: "var(--surface)", color: "var(--ink)", border: "none", borderRadius: "var(--radius-control)", boxShadow: "var(--shadow-2)", font: "var(--text-body)", zIndex: "var(--z-menu)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "220px", padding: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", borderRadius: "var(--radius-chip)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--ink-3)", font: "var(--text-small)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: "var(--accent)" },
  ".cm-completionIcon": { display: "none" },
  ".cm-peerCaret": { position: "relative", borderLeft: "2px solid var(--peer)", marginLeft: "-1px", marginRight: "-1px" },
  ".cm-peerName": {
    position: "absolute", bottom: "100%", left: "-2px", padding: "0 4px", borderRadius: "3px 3px 3px 0", whiteSpace: "nowrap", zIndex: "5",
    background: "var(--peer)", color: "var(--peer-ink)", font: "var(--text-micro)", pointerEvents: "none", opacity: "0", transition: "opacity var(--quick)",
  },
  ".cm-peerCaret:hover .cm-peerName, .cm-peerCaret[data-new] .cm-peerName": { opacity: "1" },
  ".cm-line:first-child .cm-peerName": { bottom: "auto", top: "100%" },
  ".cm-peerText": { background: "color-mix(in srgb, var(--peer) 22%, transparent)" },
  ...Object.fromEntries(["coral", "blue", "plum", "moss", "rose", "umber", "slate", "indigo"].map((name) => [`.cm-peer-${name}`, { "--peer": `var(--peer-${name})` }])),
});

const style = HighlightStyle.define([
  { tag: [t.keyword, t.operatorKeyword, t.controlKeyword, t.modifier, t.definitionKeyword, t.moduleKeyword], color: "var(--accent)", fontWeight: "500" },
  { tag: [t.string, t.special(t.string), t.regexp], color: "var(--ok)" },
  { tag: [t.number, t.bool, t.null, t.atom], color: "var(--part)" },
  { tag: [t.comment, t.lineComment, t.blockComment], color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [t.function(t.variableName), t.function(t.propertyName), t.typeName, t.className], color: "var(--ink)", fontWeight: "500" },
  { tag: [t.operator, t.punctuation, t.bracket], color: "var(--ink-2)" },
  { tag: t.invalid, color: "var(--err)" },
]);

export const look = [theme, syntaxHighlighting(style)];
