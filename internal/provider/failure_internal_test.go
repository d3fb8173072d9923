package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// An error of an apply names the objects that it is about, and what to do.
func TestFailures_report(t *testing.T) {
	t.Parallel()
	refusal := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: "m."} }
	rule := mirror.Rule{FilterID: "tmf-1", Direction: mirror.Ingress, Number: 2}
	for name, c := range map[string]struct {
		known failures
		err   error
		want  []string
	}{
		"a code of the resource": {sessionFailures, refusal("InvalidTrafficMirrorTargetId.NotFound"), []string{"Write the ID of a target", "EC2 answered InvalidTrafficMirrorTargetId.NotFound: m."}},
		"a code of any resource": {sessionFailures, refusal("OptInRequired"), []string{"not signed up"}},
		"a denied read":          {sessionFailures, &smithy.OperationError{OperationName: "DescribeTrafficMirrorSessions", Err: refusal("UnauthorizedOperation")}, []string{"IAM does not permit ec2:DescribeTrafficMirrorSessions. Allow it in IAM.\n"}},
		"a denied simulation":    {anyFailure, &smithy.OperationError{OperationName: "DescribeVpcs", Err: refusal("UnauthorizedOperation")}, []string{"IAM does not permit ec2:DescribeVpcs. Allow it in IAM. Or set dns_resolver_addresses"}},
		"a denied create": {
			targetFailures, &smithy.OperationError{OperationName: "CreateTrafficMirrorTarget", Err: refusal("UnauthorizedOperation")},
			[]string{"IAM does not permit ec2:CreateTrafficMirrorTarget. Allow it in IAM. If the object has tags, allow ec2:CreateTags too.\n"},
		},
		"a denial without an action": {targetFailures, refusal("UnauthorizedOperation"), []string{"IAM does not permit this action. Allow it in IAM.\n"}},
		"a conflict": {
			ruleFailures, &reconcile.ConflictError{Err: refusal(account.RuleNumberTaken), Kind: mirror.KindFilterRule, ID: "tmfr-1"},
			[]string{"to = trafficmirror_filter_rule.NAME", `id = "tmfr-1"`},
		},
		"a conflict in the embedded EC2": {
			ruleFailures.in("ec2.db"), &reconcile.ConflictError{Err: refusal(account.RuleNumberTaken), Kind: mirror.KindFilterRule, ID: "tmfr-1"},
			[]string{`id = "tmfr-1"`, "tmfr-1 is in the embedded EC2. If a test run that was killed has left it, remove the file ec2.db instead"},
		},
		"no code, in the embedded EC2": {sessionFailures.in("ec2.db"), errors.New("broken"), []string{"broken"}},
		"in use": {
			targetFailures, &reconcile.InUseError{Err: refusal("TrafficMirrorTargetInUseException"), Sessions: []mirror.Session{{ID: "tms-1", OwnerID: "111122223333"}}},
			[]string{"use the target", "tms-1 (account 111122223333)"},
		},
		"a number that stays taken": {
			ruleFailures, &reconcile.NumberTakenError{Wanted: rule, Holder: mirror.Rule{ID: "tmfr-9"}, MovedTo: 32766},
			[]string{"Among the ingress rules of tmf-1, tmfr-9 has number 2", "number 32766", "ingress_rules and egress_rules", `id = "tmfr-9"`},
		},
	} {
		var diags diag.Diagnostics
		c.known.report(&diags, "Error", c.err)
		for _, part := range c.want {
			if len(diags) != 1 || !strings.Contains(diags[0].Detail(), part) {
				t.Errorf("%s: %v\nwant %q", name, diags, part)
			}
		}
	}
}

// A simulation that fails in a plan names the action that is missing.
func TestExplain(t *testing.T) {
	t.Parallel()
	const gone = "the capture is gone"
	refused := &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "m."}
	for want, err := range map[string]error{
		"IAM does not permit ec2:DescribeSubnets. Allow it in IAM. EC2 answered UnauthorizedOperation: m": &smithy.OperationError{OperationName: "DescribeSubnets", Err: refused},
		"EC2 answered OptInRequired: m": &smithy.GenericAPIError{Code: "OptInRequired", Message: "m."},
		gone:                            errors.New(gone + "."),
	} {
		if got := explain(err); !strings.HasSuffix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
