package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// A preflight asks EC2 at plan time, with DryRun, whether IAM permits what the
// apply will do. Only a denial counts: any other answer, as that a parameter is
// wrong or that EC2 is busy, says nothing of permissions, and the apply will tell
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
type preflight struct {
	mode  string   // "" is preflightOff
	asked sync.Map // keys of questions
	probe sync.Once
	works bool // EC2 honours DryRun
}

// The modes of preflight.
const (
	preflightOff   = "off"
	preflightWarn  = "warn"
	preflightError = "error"
)

// preflightPatience is how long a plan waits for the answer to one question.
const preflightPatience = 20 * time.Second

// A question is whether the credentials may do something.
type question struct {
	action string // of EC2
	does   string // what the apply does with it, as a predicate: "deletes tms-..."

	// seen is what a policy can tell requests for the action apart by: the IDs of
	// what it is about, and tags. Of questions that agree in it, one is asked.
	seen []string

	// ends is set where the object is deleted, which no way of destroying avoids.
	ends bool

	ask func(context.Context) error

	// askUntagged asks for the same without tags, which take a permission of their
	// own. It is nil for a request that has none.
	askUntagged func(context.Context) error
}

func preflightAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.OneOf(preflightOff, preflightWarn, preflightError)},
		MarkdownDescription: "Whether a plan asks EC2, with DryRun, if the credentials may do what the apply will do: `off`, `warn` or `error`, which says how a denial is reported. " +
			"What concerns an object whose ID is known after apply only is not asked. Default: `off`.",
	}
}

// dryRun turns an operation into a question. The input has DryRun set.
func dryRun[In, Out any](do operation[In, Out], in In) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := do(ctx, &in)
		return err
	}
}

func (p *preflight) isOn() bool { return p.mode == preflightWarn || p.mode == preflightError }

// mayApply asks questions, and reports those that EC2 denies.
func (c *Client) mayApply(ctx context.Context, diags *diag.Diagnostics, questions ...question) {
	for _, q := range questions {
		key := strings.Join(append([]string{q.action}, q.seen...), "\n")
		if _, asked := c.preflight.asked.LoadOrStore(key, true); asked || !c.honoursDryRun(ctx, diags) {
			continue
		}
		err := q.answered(ctx, diags, q.ask)
		if !hasCode(err, "UnauthorizedOperation") {
			continue
		}
		if q.askUntagged != nil && hasCode(q.answered(ctx, diags, q.askUntagged), "DryRunOperation") {
			q.action, q.does = "CreateTags", q.does+" with tags"
		}
		c.reportDenial(diags, q, err)
	}
}

// answered asks once. An answer that does not come to the point goes to the log.
func (q question) answered(ctx context.Context, diags *diag.Diagnostics, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, preflightPatience)
	defer cancel()
	err := ask(ctx)
	switch {
	case err == nil:
		diags.AddError("EC2 carried out what it was only asked about", fmt.Sprintf(
			"The endpoint took ec2:%s with DryRun for an order: what %s happened while the plan was made. This is not AWS. Set preflight = \"off\" in the provider block.", q.action, q.does))
	case !hasCode(err, "DryRunOperation", "UnauthorizedOperation"):
		tflog.Info(ctx, "preflight: the answer says nothing of permissions", map[string]any{"action": q.action, "answer": err.Error()})
	}
	return err
}

// honoursDryRun makes sure, by a request that can do no harm, that the endpoint is
// not one that ignores DryRun and carries out what it is asked about.
func (c *Client) honoursDryRun(ctx context.Context, diags *diag.Diagnostics) bool {
	p := &c.preflight
	p.probe.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, preflightPatience)
		defer cancel()
		_, err := c.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{DryRun: aws.Bool(true)})
		p.works = hasCode(err, "DryRunOperation", "UnauthorizedOperation")
		if err == nil {
			diags.AddWarning("The endpoint ignores DryRun", "preflight in the provider block asks EC2 with DryRun what is permitted. This endpoint, which is not AWS, carries out such a request, so that nothing is asked.")
		}
	})
	return p.works
}

func (c *Client) reportDenial(diags *diag.Diagnostics, q question, err error) {
	summary := "Not permitted: ec2:" + q.action
	text := fmt.Sprintf("The apply %s, which IAM does not permit to these credentials. Allow it by a statement such as this, where Resource may be narrower:\n\n"+
		"  { \"Effect\": \"Allow\", \"Action\": \"ec2:%s\", \"Resource\": \"*\" }\n\n%s", q.does, q.action, answer(err))
	const force = "\n\nTo plan in spite of this, set preflight = \"warn\" in the provider block."
	switch {
	case c.preflight.mode == preflightWarn:
		diags.AddWarning(summary, text)
	case q.ends:
		diags.AddError(summary, text+force)
	default:
		refusePlan(diags, path.Empty(), summary, text+force)
	}
}
