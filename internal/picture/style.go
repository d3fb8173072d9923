package picture

// Style is the style sheet of the pictures. A picture does not shrink, because its text would be
// too small: a page puts it into an element that scrolls. On paper it shrinks. A page sets the custom properties for light and
// dark, or leaves them unset: --picture-ink (text), --picture-muted (text of less importance,
// and what was never hit), --picture-surface (the page behind the picture), --picture-flow
// (neutral bars and links), --picture-good, --picture-bad, --picture-other, --picture-line
// (axes and marks).
const Style = `.picture{font:12px system-ui,sans-serif;overflow:visible}
.picture text{fill:var(--picture-ink,#1b1f24);paint-order:stroke;stroke:var(--picture-surface,#fff);stroke-width:3px;stroke-linejoin:round}
.picture .head{font-weight:600}
.picture .count,.picture .tick,.picture .axis{fill:var(--picture-muted,#57606a)}
.picture .bar{fill:var(--picture-flow,#4a6fa5)}
.picture .link{fill:var(--picture-flow,#4a6fa5);opacity:var(--picture-opacity,.3)}
.picture .good .bar,.picture .link.good,.picture .bar.good{fill:var(--picture-good,#1a7f4b)}
.picture .bad .bar,.picture .link.bad,.picture .bar.bad{fill:var(--picture-bad,#b3261e)}
.picture .other .bar,.picture .link.other,.picture .bar.other{fill:var(--picture-other,#8a8f98)}
.picture .zero .bar{fill:none;stroke:var(--picture-muted,#57606a);stroke-dasharray:2 2}
.picture .zero text{fill:var(--picture-muted,#57606a);font-style:italic}
.picture use{visibility:hidden;pointer-events:none}
.picture .node:hover use,.picture .node:focus use,.picture .node:focus-within use{visibility:visible;--picture-opacity:.75}
.picture .node:focus{outline:none}
.picture .node:focus .bar,.picture .node:focus-within .bar{stroke:var(--picture-ink,#1b1f24);stroke-width:2px}
.picture .link:hover{--picture-opacity:.75}
.picture .line{stroke:var(--picture-line,#8a8f98);stroke-width:1px;fill:none}
.picture .mark{stroke:var(--picture-bad,#b3261e);stroke-width:1.5px;stroke-dasharray:5 3;fill:none}
@media print{.picture{max-width:100%;height:auto}.picture .link{--picture-opacity:.35}}
@media (forced-colors:active){.picture text{fill:CanvasText;stroke:Canvas}.picture .bar{fill:CanvasText}.picture .link{fill:GrayText}}
`
