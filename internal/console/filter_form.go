package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
)

// The fields of the filter editor.
const (
	editButton   = "edit" // the button that changes the rules in the form, or "check"
	checkButton  = "check"
	serviceField = "amazon_dns"
	seenField    = "seen" // the rules of which the browser has seen what they gain and lose
)

// A filterEditor is the form of a filter, with its rules as the form has them.
type filterEditor struct {
	present  account.Tagged[mirror.Filter] // without ID: the filter is new
	drafts   []draft
	wanted   mirror.Filter // of the drafts
	service  bool
	users    []account.Tagged[mirror.Session]
	form     *form
	snapshot *snapshot
	isSeen   bool // the page shows what the change gains and loses
}

// newEditor returns the editor for the values of a form, or for a filter as it is.
func newEditor(s *snapshot, present account.Tagged[mirror.Filter], values url.Values, drafts []draft) *filterEditor {
	id := present.Noun.ID
	e := &filterEditor{present: present, drafts: drafts, service: values.Get(serviceField) != "", users: s.index().ofFilter[id], snapshot: s}
	e.form = &form{action: "/filters/new", submit: "Create the filter", values: values, back: "/filters", hidden: newForm()}
	description := field{name: "description", label: "Description", hint: "Optional. EC2 cannot change it later."}
	if id != "" {
		e.form.action, e.form.submit, e.form.back = "/filters/"+id+"/edit", "Save the filter", "/filters/"+id
		description.kind, description.hint = fixedField, "EC2 cannot change the description of a filter."
	}
	e.form.fields, e.form.labels = []field{description}, draftLabel
	rules, problems := rulesOf(drafts)
	e.form.wrong = problems
	e.wanted = mirror.Filter{ID: id, Description: present.Noun.Description, Rules: rules}
	if e.service {
		e.wanted.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
	}
	return e
}

// digest identifies the rules and services of the editor.
func (e *filterEditor) digest() string {
	text, _ := json.Marshal(e.wanted)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func newFilter(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	e := newEditor(s, account.Tagged[mirror.Filter]{}, url.Values{}, nil)
	return e.page(r, r.formPageOf("/filters", "Create a filter")), nil
}

func createFilter(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	p := r.formPageOf("/filters", "Create a filter")
	e, tags, isDone := readEditor(r, s, account.Tagged[mirror.Filter]{})
	if isDone {
		return e.page(r, p), nil
	}
	token := r.PostForm.Get(changeToken)
	return submitEditor(r, e, change{page: p, what: "Create a filter with " + wording.Count(len(e.drafts), "rule") + ".", save: func(ctx context.Context, a *account.Account, run *reconcile.Run) (string, error) {
		created, err := a.CreateFilter(ctx, r.PostForm.Get("description"), tags, account.Token(token))
		if err != nil {
			return "", err
		}
		_, err = run.ConvergeFilter(ctx, &created.Noun, mirror.Directions, e.wanted)
		return "/filters/" + created.Noun.ID, err
	}})
}

func editFilter(r *request) (*page, error) {
	present, err := readFilter(r)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	values := url.Values{"description": {present.Noun.Description}}
	setTags(values, present.Tags)
	if hasService(present.Noun) {
		values.Set(serviceField, "1")
	}
	e := newEditor(s, present, values, draftsOf(present.Noun))
	e.form.hidden[began] = stateText(present)
	return e.page(r, filterFormPage(r, present)), nil
}

// readFilter reads the filter of the path, with its rules in order.
func readFilter(r *request) (account.Tagged[mirror.Filter], error) {
	f, err := r.console.account().Live().Filter(r.Context(), r.PathValue("id"))
	var rules []mirror.Rule
	for _, d := range mirror.Directions {
		rules = append(rules, f.Noun.InDirection(d)...)
	}
	f.Noun.Rules = rules
	return f, err
}

func filterFormPage(r *request, f account.Tagged[mirror.Filter]) *page {
	title := inventory.Title(f.Noun.ID, f.Noun.Description, f.Tags)
	return r.formPageOf("/filters", "Edit filter "+title, link{title, "/filters/" + f.Noun.ID})
}

func changeFilter(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	present, err := readFilter(r)
	if err != nil {
		return nil, err
	}
	r.PostForm.Set("description", present.Noun.Description)
	p := filterFormPage(r, present)
	e, tags, isDone := readEditor(r, s, present)
	if isStale(r, p, e.form, present, filterLines) || isDone {
		return e.page(r, p), nil
	}
	return submitEditor(r, e, change{page: p, what: "Change filter " + present.Noun.ID + ".", save: func(ctx context.Context, a *account.Account, run *reconcile.Run) (string, error) {
		filter, before := present.Noun, present.Noun
		before.Rules = slices.Clone(before.Rules)
		_, err := run.ConvergeFilter(ctx, &filter, mirror.Directions, e.wanted)
		path := "/filters/" + present.Noun.ID
		if err != nil {
			return pathIf(path, stateText(account.Tagged[mirror.Filter]{Noun: filter}) != stateText(account.Tagged[mirror.Filter]{Noun: before})), err
		}
		return path, a.Retag(ctx, mirror.KindFilter, present.Noun.ID, present.Tags, tags)
	}})
}

// pathIf returns the path of an object that was changed in part.
func pathIf(path string, isChanged bool) string {
	if !isChanged {
		return ""
	}
	return path
}

// readEditor reads the form of a filter. It is done if a button asked for no change of the
// account.
func readEditor(r *request, s *snapshot, present account.Tagged[mirror.Filter]) (e *filterEditor, tags map[string]string, isDone bool) {
	button := r.PostForm.Get(editButton)
	e = newEditor(s, present, r.PostForm, edit(draftsIn(r.PostForm), button))
	e.form.hidden = sentForm(r)
	e.form.hidden[began] = r.PostForm.Get(began)
	tags, problems := tagsIn(r.PostForm, present.Tags)
	e.form.wrong = append(e.form.wrong, problems...)
	e.form.wrong = append(e.form.wrong, mirror.Filter{Description: r.PostForm.Get("description")}.Validate()...)
	e.isSeen = button != "" || r.PostForm.Get(seenField) == e.digest()
	if button != "" && button != checkButton {
		e.form.wrong = nil // a rule that was just added is not finished
	}
	return e, tags, button != ""
}

// submitEditor submits the change of a filter. It asks unless the browser has seen what the
// change gains and loses.
func submitEditor(r *request, e *filterEditor, c change) (*page, error) {
	c.form = e.form
	e.prepare()
	c.asks = !e.isSeen && e.changesPackets()
	if errorsIn(e.form.wrong) == nil {
		c.more = e.effect()
	}
	return submit(r, c)
}

// changesPackets reports whether the rules or the services differ from those that exist.
func (e *filterEditor) changesPackets() bool {
	return !slices.Equal(e.present.Noun.NetworkServices, e.wanted.NetworkServices) ||
		!slices.EqualFunc(sorted(e.present.Noun), sorted(e.wanted), mirror.SameRule)
}

func sorted(f mirror.Filter) (rules []mirror.Rule) {
	for _, d := range mirror.Directions {
		rules = append(rules, f.InDirection(d)...)
	}
	return rules
}

// effect says what the change means.
func (e *filterEditor) effect() []g.Node {
	nodes := []g.Node{para(usersText(len(e.users)))}
	var lines [][]g.Node
	found := findingsOf(e.snapshot, e.wanted, e.users)
	for _, rule := range sorted(e.wanted) {
		if text := found.byRule[analysis.RuleKey{TrafficDirection: rule.Direction, RuleNumber: rule.Number}]; text != "" {
			lines = append(lines, words(directionWord(rule.Direction), " rule ", rule.Number, " has no effect. ", text))
		}
	}
	if lines != nil {
		nodes = append(nodes, part("ineffective", "Rules without effect", list(lines...)))
	}
	return append(nodes, gainsAndLosses(e.snapshot, filterChange{before: e.present.Noun, after: e.wanted, of: e.users}))
}

func usersText(users int) string {
	if users == 0 {
		return "No session uses the filter. So the change has no effect on what is mirrored now. What follows is what a session with the filter would mirror."
	}
	return wording.Count(users, "session") + " with this filter will mirror accordingly."
}

func filterLines(f account.Tagged[mirror.Filter]) []line {
	lines := []line{{"Mirrors Amazon DNS", yesOrNo(hasService(f.Noun))}}
	for _, rule := range sorted(f.Noun) {
		lines = append(lines, line{directionWord(rule.Direction) + " rule " + strconv.Itoa(rule.Number), rule.Describe()})
	}
	return append(lines, tagLines(f.Tags)...)
}
