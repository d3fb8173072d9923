package console

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
)

// backing is the field of a target for what backs it, whatever its type is.
const backing = "backing"

// maxChoices is how many objects a field suggests.
const maxChoices = 200

func targetForm(s *snapshot, values url.Values) *form {
	return &form{
		action: "/targets/new", submit: "Create the target", values: values, back: "/targets", hidden: newForm(),
		fields: []field{
			{name: backing, label: "Receives the copies", choices: backingChoices(s), hint: "ID of a network interface, ARN of a Network Load Balancer, or ID of a Gateway Load Balancer endpoint."},
			{name: "description", label: "Description", hint: "Optional. EC2 cannot change it later."},
			{name: "tags", label: "Tags", kind: tagsField},
		},
	}
}

// backingChoices are the interfaces that can back a target.
func backingChoices(s *snapshot) (choices []choice) {
	for _, i := range s.Interfaces {
		if len(choices) < maxChoices && s.TargetOn(i.ID) == "" && canBack(i) && len(s.SessionsOf(i.ID)) == 0 {
			choices = append(choices, choice{i.ID, inventory.Title(i.ID, i.Description, i.Tags)})
		}
	}
	return choices
}

// canBack reports whether an interface can back a target by its type.
func canBack(i account.NetworkInterface) bool {
	return i.Type == "" || i.Type == mirror.OrdinaryInterface
}

func newTarget(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	return formPage(r, r.formPageOf("/targets", "Create a target"), targetForm(s, url.Values{backing: {r.URL.Query().Get("on")}})), nil
}

// formPageOf begins the page of a form.
func (r *request) formPageOf(section, title string, trail ...link) *page {
	p := &page{title: title, section: section, trail: trail}
	if why := r.console.options.ReadOnly; why != "" {
		p.notes = []note{{kind: noteWarning, text: "The console is read-only: this form cannot be sent. " + why}}
	}
	return p
}

// backed returns a target with what backs it.
func backed(text string) (t mirror.Target) {
	switch {
	case strings.HasPrefix(text, "arn:"):
		t.LoadBalancerARN = text
	case strings.HasPrefix(text, mirror.KindEndpoint.Prefix):
		t.GatewayLoadBalancerEndpointID = text
	default:
		t.InterfaceID = text
	}
	return t
}

// checkTarget returns the problems of a target with the names of the form. A target without ID
// is new.
func checkTarget(s *snapshot, t mirror.Target) mirror.Problems {
	problems := t.Validate()
	if t.Backing() == "" {
		problems = mirror.KindInterface.Check(backing, "")
	}
	for i, p := range problems {
		if p.Field != "description" {
			problems[i].Field = backing
		}
	}
	taken := s.TargetOn(t.Backing())
	if problems == nil && taken != "" && taken != t.ID {
		problems = append(problems, mirror.Problem{Kind: mirror.Conflict, Field: backing, Wrong: "backs target " + taken + " already", Fix: "Choose another one, or use that target."})
	}
	if sources := s.SessionsOf(t.InterfaceID); problems == nil && t.InterfaceID != "" && len(sources) > 0 {
		problems = append(problems, mirror.Problem{
			Kind: mirror.Conflict, Field: backing, Wrong: fmt.Sprintf("is the source of %s", wording.Count(len(sources), "session")), Fix: "An interface cannot be both. Choose another one.",
		})
	}
	i, found := s.Interface(t.InterfaceID)
	if problems == nil && found && !canBack(i) {
		problems = append(problems, mirror.Problem{
			Kind: mirror.Conflict, Field: backing, Wrong: "is a network interface of type " + i.Type, Fix: "Only an interface of type " + mirror.OrdinaryInterface + " can back a target. Choose another one.",
		})
	}
	if problems == nil && t.InterfaceID != "" && !found {
		problems = append(problems, mirror.Problem{Kind: mirror.Invalid, Field: backing, Wrong: "is an interface that EC2 does not show", Fix: "Choose an interface of this account and Region."})
	}
	return problems
}

func createTarget(r *request) (*page, error) {
	wanted := backed(strings.TrimSpace(r.PostForm.Get(backing)))
	wanted.Description = r.PostForm.Get("description")
	s, err := snapshotFor(r, func(s *snapshot) mirror.Problems { return checkTarget(s, wanted) })
	if err != nil {
		return nil, err
	}
	f := targetForm(s, r.PostForm)
	f.hidden = sentForm(r)
	tags, problems := tagsIn(r.PostForm, nil)
	f.wrong = append(checkTarget(s, wanted), problems...)
	return submit(r, change{
		page: r.formPageOf("/targets", "Create a target"), form: f, what: fmt.Sprintf("Create a target whose copies %s receives.", wanted.Backing()),
		save: func(ctx context.Context, _ *account.Account, run *reconcile.Run) (string, error) {
			created, err := run.CreateTarget(ctx, wanted, tags)
			if err != nil {
				return "", err
			}
			return "/targets/" + created.Noun.ID, nil
		},
	})
}

// targetEditForm is the form for a target that exists.
func targetEditForm(s *snapshot, t account.Tagged[mirror.Target], values url.Values) *form {
	f := targetForm(s, values)
	f.action, f.submit, f.back = "/targets/"+t.Noun.ID+"/edit", "Save the target", "/targets/"+t.Noun.ID
	f.fields[1] = field{name: "description", label: "Description", kind: fixedField, hint: "EC2 cannot change the description of a target."}
	f.fields[0].hint += " EC2 cannot change what backs a target: with another one, the console creates a new target, moves the sessions to it, and deletes this one."
	return f
}

func editTarget(r *request) (*page, error) {
	t, err := r.console.account().Target(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	values := url.Values{backing: {t.Noun.Backing()}, "description": {t.Noun.Description}}
	setTags(values, t.Tags)
	f := targetEditForm(s, t, values)
	f.hidden[began] = stateText(t)
	return formPage(r, targetFormPage(r, t), f), nil
}

func targetFormPage(r *request, t account.Tagged[mirror.Target]) *page {
	title := inventory.Title(t.Noun.ID, t.Noun.Description, t.Tags)
	return r.formPageOf("/targets", "Edit target "+title, link{title, "/targets/" + t.Noun.ID})
}

func changeTarget(r *request) (*page, error) {
	present, err := r.console.account().Live().Target(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	wanted := backed(strings.TrimSpace(r.PostForm.Get(backing)))
	wanted.ID, wanted.Description = present.Noun.ID, present.Noun.Description
	s, err := snapshotFor(r, func(s *snapshot) mirror.Problems { return checkTarget(s, wanted) })
	if err != nil {
		return nil, err
	}
	r.PostForm.Set("description", present.Noun.Description)
	f := targetEditForm(s, present, r.PostForm)
	f.hidden = sentForm(r)
	p := targetFormPage(r, present)
	if isStale(r, p, f, present, targetLines) {
		return formPage(r, p, f), nil
	}
	tags, problems := tagsIn(r.PostForm, present.Tags)
	moves := wanted.Backing() != present.Noun.Backing()
	if f.wrong = problems; moves {
		f.wrong = append(checkTarget(s, wanted), problems...)
	}
	c := change{page: p, form: f, what: "Change the tags of target " + present.Noun.ID + "."}
	if moves {
		c.asks = true
		c.what = fmt.Sprintf("Create a target whose copies %s receives, change %s to it, and delete target %s. The new target has another ID.",
			wanted.Backing(), wording.Count(len(s.index().ofTarget[wanted.ID]), "session"), wanted.ID)
	}
	c.save = func(ctx context.Context, a *account.Account, run *reconcile.Run) (string, error) {
		path := "/targets/" + present.Noun.ID
		if !moves {
			return pathUnless(path, a.Retag(ctx, mirror.KindTarget, present.Noun.ID, present.Tags, tags))
		}
		return moveTarget(ctx, run, present.Noun.ID, wanted, withoutReserved(tags))
	}
	return submit(r, c)
}

func moveTarget(ctx context.Context, run *reconcile.Run, oldID string, wanted mirror.Target, tags map[string]string) (string, error) {
	result, err := run.MoveTarget(ctx, oldID, wanted, tags, "")
	if result.Target == nil {
		return "", err
	}
	path := "/targets/" + result.Target.Noun.ID
	if err == nil {
		err = result.DeleteError
	}
	return path, err
}

// pathUnless returns a path if there is no error.
func pathUnless(path string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return path, nil
}

// withoutReserved returns tags without those of AWS, which nobody else can set.
func withoutReserved(tags map[string]string) map[string]string {
	own := map[string]string{}
	for key, value := range tags {
		if !mirror.IsReservedTag(key) {
			own[key] = value
		}
	}
	return own
}

func targetLines(t account.Tagged[mirror.Target]) []line {
	return append([]line{{"Backed by", t.Noun.Backing()}}, tagLines(t.Tags)...)
}

func askDeleteTarget(r *request) (*page, error) { return askDelete(r, targetKind) }

func deleteTarget(r *request) (*page, error) { return deleteObject(r, targetKind) }

// targetKind is what a delete needs to know of targets.
var targetKind = kindOfObject{
	section: "/targets", noun: "target",
	users: func(s *snapshot, id string) []account.Tagged[mirror.Session] { return s.index().ofTarget[id] },
	read: func(r *request, id string) (string, []g.Node, error) {
		t, err := r.console.account().Live().Target(r.Context(), id)
		return inventory.Title(id, t.Noun.Description, t.Tags), words("Backed by ", code(t.Noun.Backing())), err
	},
	delete: func(ctx context.Context, _ *account.Account, run *reconcile.Run, id string) error {
		return run.DeleteTarget(ctx, id, never)
	},
}
