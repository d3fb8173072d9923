package picture

import _ "embed" // for the style sheet

// Style is the style sheet of the pictures. A picture does not shrink, because its text would be
// too small: a page puts it into an element that scrolls. On paper it shrinks. A page sets the
// custom properties of its colors for light and dark, or leaves them unset.
//
//	--picture-ink      text
//	--picture-muted    text of less importance, and what was never hit
//	--picture-surface  the page behind the picture
//	--picture-flow     neutral bars and links
//	--picture-good, --picture-bad, --picture-other
//	--picture-line     axes
//
//go:embed style.css
var Style string
