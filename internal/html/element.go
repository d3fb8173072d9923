package html

// A is the element a.
func A(children ...Node) Node { return El("a", children...) }

// Body is the element body.
func Body(children ...Node) Node { return El("body", children...) }

// Br is the element br.
func Br(children ...Node) Node { return El("br", children...) }

// Button is the element button.
func Button(children ...Node) Node { return El("button", children...) }

// Caption is the element caption.
func Caption(children ...Node) Node { return El("caption", children...) }

// Code is the element code.
func Code(children ...Node) Node { return El("code", children...) }

// DataList is the element datalist.
func DataList(children ...Node) Node { return El("datalist", children...) }

// Dd is the element dd.
func Dd(children ...Node) Node { return El("dd", children...) }

// Details is the element details.
func Details(children ...Node) Node { return El("details", children...) }

// Div is the element div.
func Div(children ...Node) Node { return El("div", children...) }

// Dl is the element dl.
func Dl(children ...Node) Node { return El("dl", children...) }

// Dt is the element dt.
func Dt(children ...Node) Node { return El("dt", children...) }

// Em is the element em.
func Em(children ...Node) Node { return El("em", children...) }

// FieldSet is the element fieldset.
func FieldSet(children ...Node) Node { return El("fieldset", children...) }

// FigCaption is the element figcaption.
func FigCaption(children ...Node) Node { return El("figcaption", children...) }

// Figure is the element figure.
func Figure(children ...Node) Node { return El("figure", children...) }

// Footer is the element footer.
func Footer(children ...Node) Node { return El("footer", children...) }

// Form is the element form.
func Form(children ...Node) Node { return El("form", children...) }

// H1 is the element h1.
func H1(children ...Node) Node { return El("h1", children...) }

// H2 is the element h2.
func H2(children ...Node) Node { return El("h2", children...) }

// H3 is the element h3.
func H3(children ...Node) Node { return El("h3", children...) }

// HTML is the element html.
func HTML(children ...Node) Node { return El("html", children...) }

// Head is the element head.
func Head(children ...Node) Node { return El("head", children...) }

// Header is the element header.
func Header(children ...Node) Node { return El("header", children...) }

// Img is the element img.
func Img(children ...Node) Node { return El("img", children...) }

// Input is the element input.
func Input(children ...Node) Node { return El("input", children...) }

// Label is the element label.
func Label(children ...Node) Node { return El("label", children...) }

// Legend is the element legend.
func Legend(children ...Node) Node { return El("legend", children...) }

// Li is the element li.
func Li(children ...Node) Node { return El("li", children...) }

// Link is the element link.
func Link(children ...Node) Node { return El("link", children...) }

// Main is the element main.
func Main(children ...Node) Node { return El("main", children...) }

// Meta is the element meta.
func Meta(children ...Node) Node { return El("meta", children...) }

// Nav is the element nav.
func Nav(children ...Node) Node { return El("nav", children...) }

// Ol is the element ol.
func Ol(children ...Node) Node { return El("ol", children...) }

// Option is the element option.
func Option(children ...Node) Node { return El("option", children...) }

// P is the element p.
func P(children ...Node) Node { return El("p", children...) }

// Pre is the element pre.
func Pre(children ...Node) Node { return El("pre", children...) }

// Script is the element script.
func Script(children ...Node) Node { return El("script", children...) }

// Section is the element section.
func Section(children ...Node) Node { return El("section", children...) }

// Select is the element select.
func Select(children ...Node) Node { return El("select", children...) }

// Small is the element small.
func Small(children ...Node) Node { return El("small", children...) }

// Span is the element span.
func Span(children ...Node) Node { return El("span", children...) }

// Strong is the element strong.
func Strong(children ...Node) Node { return El("strong", children...) }

// Summary is the element summary.
func Summary(children ...Node) Node { return El("summary", children...) }

// TBody is the element tbody.
func TBody(children ...Node) Node { return El("tbody", children...) }

// THead is the element thead.
func THead(children ...Node) Node { return El("thead", children...) }

// Table is the element table.
func Table(children ...Node) Node { return El("table", children...) }

// Td is the element td.
func Td(children ...Node) Node { return El("td", children...) }

// TextArea is the element textarea.
func TextArea(children ...Node) Node { return El("textarea", children...) }

// Th is the element th.
func Th(children ...Node) Node { return El("th", children...) }

// Time is the element time.
func Time(children ...Node) Node { return El("time", children...) }

// TitleEl is the element title.
func TitleEl(children ...Node) Node { return El("title", children...) }

// Tr is the element tr.
func Tr(children ...Node) Node { return El("tr", children...) }

// Ul is the element ul.
func Ul(children ...Node) Node { return El("ul", children...) }

// Accept is the attribute accept.
func Accept(value string) Node { return Attr("accept", value) }

// Action is the attribute action.
func Action(value string) Node { return Attr("action", value) }

// Alt is the attribute alt.
func Alt(value string) Node { return Attr("alt", value) }

// AutoComplete is the attribute autocomplete.
func AutoComplete(value string) Node { return Attr("autocomplete", value) }

// Charset is the attribute charset.
func Charset(value string) Node { return Attr("charset", value) }

// Class is the attribute class.
func Class(value string) Node { return Attr("class", value) }

// ColSpan is the attribute colspan.
func ColSpan(value string) Node { return Attr("colspan", value) }

// Cols is the attribute cols.
func Cols(value string) Node { return Attr("cols", value) }

// Content is the attribute content.
func Content(value string) Node { return Attr("content", value) }

// EncType is the attribute enctype.
func EncType(value string) Node { return Attr("enctype", value) }

// For is the attribute for.
func For(value string) Node { return Attr("for", value) }

// Href is the attribute href.
func Href(value string) Node { return Attr("href", value) }

// ID is the attribute id.
func ID(value string) Node { return Attr("id", value) }

// Lang is the attribute lang.
func Lang(value string) Node { return Attr("lang", value) }

// Max is the attribute max.
func Max(value string) Node { return Attr("max", value) }

// Method is the attribute method.
func Method(value string) Node { return Attr("method", value) }

// Min is the attribute min.
func Min(value string) Node { return Attr("min", value) }

// Name is the attribute name.
func Name(value string) Node { return Attr("name", value) }

// Placeholder is the attribute placeholder.
func Placeholder(value string) Node { return Attr("placeholder", value) }

// Rel is the attribute rel.
func Rel(value string) Node { return Attr("rel", value) }

// Role is the attribute role.
func Role(value string) Node { return Attr("role", value) }

// Rows is the attribute rows.
func Rows(value string) Node { return Attr("rows", value) }

// Scope is the attribute scope.
func Scope(value string) Node { return Attr("scope", value) }

// Src is the attribute src.
func Src(value string) Node { return Attr("src", value) }

// TabIndex is the attribute tabindex.
func TabIndex(value string) Node { return Attr("tabindex", value) }

// Title is the attribute title.
func Title(value string) Node { return Attr("title", value) }

// Type is the attribute type.
func Type(value string) Node { return Attr("type", value) }

// Value is the attribute value.
func Value(value string) Node { return Attr("value", value) }

// Checked is the attribute checked.
func Checked() Node { return Attr("checked") }

// Defer is the attribute defer.
func Defer() Node { return Attr("defer") }

// Disabled is the attribute disabled.
func Disabled() Node { return Attr("disabled") }

// Multiple is the attribute multiple.
func Multiple() Node { return Attr("multiple") }

// Open is the attribute open.
func Open() Node { return Attr("open") }

// Required is the attribute required.
func Required() Node { return Attr("required") }

// Selected is the attribute selected.
func Selected() Node { return Attr("selected") }
