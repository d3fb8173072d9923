package check

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Preflight says whether a plan asks EC2, with DryRun, whether the credentials may make
// the calls of the apply, and how a denial is reported. Only a denial counts. Any other
// answer, such as that a parameter is wrong or that EC2 is busy, does not answer the
// question (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
type Preflight string

// The modes. The zero value is PreflightOff.
const (
	PreflightOff   Preflight = "off"
	PreflightWarn  Preflight = "warn"
	PreflightError Preflight = "error"
)

// PreflightModes lists the modes.
var PreflightModes = []Preflight{PreflightOff, PreflightWarn, PreflightError}

// answerPatience is how long a plan waits for the answer to one question.
const answerPatience = 20 * time.Second

type preflight struct {
	account *account.Account
	mode    Preflight
	log     *slog.Logger

	asked sync.Map // keys of questions
	probe sync.Once
	works bool // EC2 honours DryRun
}

// A question is whether the credentials may make a call.
type question struct {
	action string // of EC2
	does   string // what the apply does with it, as a predicate: "deletes tms-..."

	// distinct is what an IAM policy can tell calls of the action apart by: the IDs of the
	// objects, and tags. Of questions that agree in it, one is asked.
	distinct []string

	// ofDelete says that the call deletes the object, as a destroy does.
	ofDelete bool

	ask func(context.Context, *account.Account) error

	// askUntagged asks for the same call without tags, which need a permission of their
	// own. It is nil where the call has no tags.
	askUntagged func(context.Context, *account.Account) error
}

func (p *preflight) isOn() bool { return p.mode == PreflightWarn || p.mode == PreflightError }

// questions asks what the changes of one object need, and collects the denials.
type questions struct{ *findings }

// may asks a question, and reports a denial. A plan with errors comes to no apply, so
// that nothing is asked.
func (f questions) may(ctx context.Context, q question) {
	p := &f.preflight
	if !p.isOn() || f.hasError() {
		return
	}
	key := strings.Join(append([]string{q.action}, q.distinct...), "\n")
	if _, asked := p.asked.LoadOrStore(key, true); asked || !f.honoursDryRun(ctx) {
		return
	}
	err := f.answer(ctx, q, q.ask)
	if !account.IsDenied(err) {
		return
	}
	if q.askUntagged != nil && account.IsPermitted(f.answer(ctx, q, q.askUntagged)) {
		q.action, q.does = "CreateTags", q.does+" with tags"
	}
	f.reportDenial(q, err)
}

// answer asks once. An answer that says nothing of permissions is logged.
func (f questions) answer(ctx context.Context, q question, ask func(context.Context, *account.Account) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	err := f.account.May(ctx, ask)
	switch {
	case err == nil:
		f.add(Finding{Severity: Error, OfDelete: true, Summary: "EC2 carried out what it was only asked about", Detail: fmt.Sprintf(
			"The endpoint took ec2:%s with DryRun for an order: what %s happened while the plan was made. This is not AWS. Set preflight = \"off\" in the provider block.", q.action, q.does)})
	case !account.IsPermitted(err) && !account.IsDenied(err):
		f.preflight.log.InfoContext(ctx, "preflight: the answer says nothing of permissions", "action", q.action, "answer", err.Error())
	}
	return err
}

// honoursDryRun makes sure, by a request that can do no harm, that the endpoint does not
// ignore DryRun and make the calls that it is asked about.
func (f questions) honoursDryRun(ctx context.Context) bool {
	p := &f.preflight
	p.probe.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, answerPatience)
		defer cancel()
		err := p.account.HonoursDryRun(ctx)
		p.works = account.IsPermitted(err) || account.IsDenied(err)
		if err == nil {
			f.warn("", "The endpoint ignores DryRun", "preflight in the provider block asks EC2 with DryRun what is permitted. This endpoint, which is not AWS, carries out such a request, so that nothing is asked.")
		}
	})
	return p.works
}

func (f questions) reportDenial(q question, err error) {
	finding := Finding{Severity: Error, OfDelete: q.ofDelete, Summary: "Not permitted: ec2:" + q.action, Detail: fmt.Sprintf(
		"The apply %s, which IAM does not permit to these credentials. Allow it by a statement such as this, where Resource may be narrower:\n\n"+
			"  { \"Effect\": \"Allow\", \"Action\": \"ec2:%s\", \"Resource\": \"*\" }\n\n%s", q.does, q.action, account.Explain(err))}
	if f.preflight.mode == PreflightWarn {
		finding.Severity = Warning
	} else {
		finding.Detail += "\n\nTo plan in spite of this, set preflight = \"warn\" in the provider block."
	}
	f.add(finding)
}
