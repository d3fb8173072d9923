package check

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Preflight decides whether a plan asks EC2, with DryRun, if the credentials may make the
// calls of the apply, and how a denial is reported. A question that EC2 does not answer is
// reported like a denial, because the plan would look as if all was permitted. Any other
// refusal, such as that of a wrong parameter, says nothing about permissions
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
type Preflight string

// The modes. The zero value is PreflightOff.
const (
	PreflightOff   Preflight = "off"
	PreflightWarn  Preflight = "warn"
	PreflightError Preflight = "error"
)

// PreflightModes lists the modes.
var PreflightModes = []Preflight{PreflightOff, PreflightWarn, PreflightError}

type preflight struct {
	account *account.Account
	mode    Preflight
	log     *slog.Logger

	asked sync.Map // keys of questions
	probe probe
}

// A probe finds out, once, whether EC2 honours DryRun.
type probe struct {
	sync.Mutex
	isDone, works bool
}

// A question is whether the credentials may make a call.
type question struct {
	action string // of EC2
	does   string // what the apply does, as a verb phrase: "deletes tms-..."

	// distinct has the values that an IAM policy can test: the IDs of the objects, and
	// tags. Questions with the same action and the same values are asked once.
	distinct []string

	// ofDelete says that the call deletes the object, as a destroy does.
	ofDelete bool

	ask func(context.Context, *account.Account) error

	// askUntagged asks for the same call without tags, because tags need a separate
	// permission. It is nil if the call has no tags.
	askUntagged func(context.Context, *account.Account) error
}

func (p *preflight) isOn() bool { return p.mode == PreflightWarn || p.mode == PreflightError }

// questions asks for the permissions that the changes of one object need, and collects the
// denials.
type questions struct{ *findings }

// may asks a question, and reports a denial. After an error it asks nothing, because
// Terraform does not apply a plan with errors.
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
	switch {
	case ctx.Err() != nil:
		p.asked.Delete(key)
	case !account.IsAnswered(err):
		f.reportUnanswered(q.action, err)
	case account.IsDenied(err):
		if q.askUntagged != nil && account.IsPermitted(f.answer(ctx, q, q.askUntagged)) {
			q.action, q.does = "CreateTags", q.does+" with tags"
		}
		f.reportDenial(q, err)
	}
}

// answer asks once. It logs an answer that says nothing about permissions.
func (f questions) answer(ctx context.Context, q question, ask func(context.Context, *account.Account) error) error {
	err := f.account.May(withOwnReport(ctx), ask)
	switch {
	case err == nil:
		f.add(Finding{Severity: Error, OfDelete: true, Summary: "The endpoint ignored DryRun and made a change", Detail: fmt.Sprintf(
			"The plan sent ec2:%s with DryRun only to ask for permission, but the endpoint carried it out (a call that %s). This endpoint is not AWS. Set preflight = \"off\" in the provider block.", q.action, q.does)})
	case !account.IsPermitted(err) && !account.IsDenied(err):
		f.preflight.log.InfoContext(ctx, "preflight: the answer says nothing about permissions", "action", q.action, "answer", err.Error())
	}
	return err
}

// honoursDryRun checks with a harmless request that the endpoint obeys DryRun. An endpoint
// that ignores DryRun would carry out every call of the preflight.
func (f questions) honoursDryRun(ctx context.Context) bool {
	p := &f.preflight.probe
	p.Lock()
	defer p.Unlock()
	if p.isDone {
		return p.works
	}
	err := f.account.HonoursDryRun(withOwnReport(ctx))
	if ctx.Err() != nil {
		return false // the next question asks again
	}
	p.isDone, p.works = true, account.IsPermitted(err) || account.IsDenied(err)
	const noCheck = "preflight in the provider block asks EC2 with DryRun for permissions. "
	switch {
	case err == nil:
		reportPreflightOff(f.findings, "The endpoint ignores DryRun", noCheck+
			"This endpoint is not AWS and carries out such requests, so the plan checks no permissions. Set preflight = \"off\" in the provider block.")
	case !p.works:
		reportPreflightOff(f.findings, "EC2 could not be asked for permissions", noCheck+
			"First it asks with a harmless request whether the endpoint honours DryRun (ec2:DescribeTrafficMirrorTargets). This request failed, so the plan checks no permissions. "+account.Explain(err)+f.preflight.otherMode())
	}
	return p.works
}

// reportUnanswered reports, once, that EC2 has not answered a question.
func (f *findings) reportUnanswered(action string, err error) {
	if f.reservations.warnOnce("an unanswered question") {
		reportPreflightOff(f, "EC2 could not be asked for permissions", fmt.Sprintf(
			"preflight in the provider block asks EC2 with DryRun for permissions. EC2 did not answer whether ec2:%s is permitted. The plan may have left out other calls too. %s%s", action, account.Explain(err), f.preflight.otherMode()))
	}
}

// reportPreflightOff reports that the plan does not check permissions, or not all. A destroy has
// the same error.
func reportPreflightOff(f *findings, summary, detail string) {
	finding := Finding{Severity: Warning, OfDelete: true, Summary: summary, Detail: detail}
	if f.preflight.mode == PreflightError {
		finding.Severity = Error
	}
	f.add(finding)
}

// otherMode says how to plan despite an error of the preflight.
func (p *preflight) otherMode() string {
	if p.mode == PreflightError {
		return "\n\nTo plan without this answer, set preflight = \"warn\" in the provider block."
	}
	return ""
}

func (f questions) reportDenial(q question, err error) {
	finding := Finding{Severity: Error, OfDelete: q.ofDelete, Summary: "Not permitted: ec2:" + q.action, Detail: fmt.Sprintf(
		"The apply %s, but IAM does not permit these credentials to do so. Allow it with a statement like this (Resource can be narrower):\n\n"+
			"  { \"Effect\": \"Allow\", \"Action\": \"ec2:%s\", \"Resource\": \"*\" }\n\n%s", q.does, q.action, account.Explain(err))}
	if f.preflight.mode == PreflightWarn {
		finding.Severity = Warning
	} else {
		finding.Detail += "\n\nTo plan without this permission, set preflight = \"warn\" in the provider block."
	}
	f.add(finding)
}
