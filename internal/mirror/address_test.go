package mirror_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	const (
		session   = "tms-0123456789abcdef0"
		filter    = "tmf-0123456789abcdef0"
		rule      = "tmfr-0123456789abcdef0"
		arn       = "arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-session/" + session
		ownerless = "arn:aws-cn:ec2:cn-north-1::traffic-mirror-filter-rule/" + rule
	)
	type address = mirror.Address
	for _, test := range []struct {
		kind mirror.Kind
		text string
		want address // zero: refused
	}{
		{mirror.KindSession, session, address{ID: session}},
		{mirror.KindSession, "tms-01234567", address{ID: "tms-01234567"}},
		{mirror.KindSession, session + "@eu-west-1", address{ID: session, Region: "eu-west-1"}},
		{mirror.KindSession, arn, address{ID: session, Region: "eu-west-1", AccountID: "123456789012", Partition: "aws"}},
		{mirror.KindSession, arn + "@eu-west-1", address{ID: session, Region: "eu-west-1", AccountID: "123456789012", Partition: "aws"}},
		{mirror.KindSession, arn + "@us-east-1", address{}},
		{mirror.KindSession, arn + "@", address{}},
		{mirror.KindSession, session + "@", address{}},
		{mirror.KindSession, "@eu-west-1", address{}},
		{mirror.KindSession, "", address{}},
		{mirror.KindSession, "web", address{}},
		{mirror.KindSession, filter, address{}},
		{mirror.KindSession, filter + ":" + session, address{}},
		{mirror.KindFilter, arn, address{}},
		{mirror.KindSession, strings.Replace(arn, ":ec2:", ":s3:", 1), address{}},
		{mirror.KindSession, strings.Replace(arn, "eu-west-1", "", 1), address{}},
		{mirror.KindSession, strings.Replace(arn, "123456789012", "123", 1), address{}},
		{mirror.KindSession, "arn:aws:ec2", address{}},
		{mirror.KindFilterRule, rule, address{ID: rule}},
		{mirror.KindFilterRule, filter + ":" + rule, address{ID: rule, FilterID: filter}},
		{mirror.KindFilterRule, filter + ":" + rule + "@eu-west-1", address{ID: rule, FilterID: filter, Region: "eu-west-1"}},
		{mirror.KindFilterRule, session + ":" + rule, address{}},
		{mirror.KindFilterRule, filter + ":", address{}},
		{mirror.KindFilterRule, ownerless, address{ID: rule, Region: "cn-north-1", Partition: "aws-cn"}},
		{mirror.KindFilter, strings.Replace(ownerless, "-rule/tmfr", "/tmf", 1), address{ID: filter, Region: "cn-north-1", Partition: "aws-cn"}},
	} {
		got, problems := test.kind.ParseAddress(test.text)
		if isRefused := problems.Err() != nil; got != test.want || isRefused != (test.want == address{}) {
			t.Errorf("%s %q: %+v, %v", test.kind.Resource, test.text, got, problems)
		}
	}
	_, problems := mirror.KindFilterRule.ParseAddress("web")
	const want = `The import ID is "web". Write the ID of a traffic mirror filter rule, such as "tmfr-0123456789abcdef0"; its ID and Region, "tmfr-0123456789abcdef0@eu-west-1"; ` +
		`or its ARN, "arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-filter-rule/tmfr-0123456789abcdef0". You can also write the ID of the filter before that of the rule: "tmf-0123456789abcdef0:tmfr-0123456789abcdef0".`
	if problems.Error() != want {
		t.Errorf("got  %s\nwant %s", problems.Error(), want)
	}
}
