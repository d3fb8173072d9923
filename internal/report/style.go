package report

import _ "embed" // for the style sheet and the script

// pageStyle is the style sheet of the page, without that of the pictures.
//
//go:embed style.css
var pageStyle string

// pageScript filters and sorts the table of flows. The table is complete without it.
//
//go:embed script.js
var pageScript string
