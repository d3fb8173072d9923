package account_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// An answer without its object is an error that names the action.
func TestRequireObject(t *testing.T) {
	t.Parallel()
	everything := netip.MustParsePrefix("0.0.0.0/0")
	rule := mirror.Rule{ID: "tmfr-1", Direction: mirror.Ingress, Number: 1, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything}
	for _, body := range []string{"", "<%[1]s/>", "<%[1]s><requestId>1</requestId></%[1]s>"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := body
			if body != "" {
				text = fmt.Sprintf(body, r.FormValue("Action")+"Response")
			}
			_, _ = fmt.Fprint(w, text)
		}))
		t.Cleanup(server.Close)
		a := account.New(configOf(server.URL), account.Options{})
		for action, call := range map[string]func() error{
			"CreateTrafficMirrorTarget": func() error {
				_, err := a.CreateTarget(t.Context(), mirror.Target{}, nil, "")
				return err
			},
			"CreateTrafficMirrorFilter": func() error {
				_, err := a.CreateFilter(t.Context(), "", nil, "")
				return err
			},
			"CreateTrafficMirrorFilterRule": func() error {
				_, err := a.CreateRule(t.Context(), rule, nil, "")
				return err
			},
			"ModifyTrafficMirrorFilterRule": func() error {
				_, err := a.ModifyRule(t.Context(), rule)
				return err
			},
			"CreateTrafficMirrorSession": func() error {
				_, err := a.CreateSession(t.Context(), mirror.Session{Number: 1}, nil, "")
				return err
			},
			"ModifyTrafficMirrorSession": func() error {
				_, err := a.NumberSession(t.Context(), mirror.Session{ID: "tms-1"}, 2)
				return err
			},
		} {
			if err := call(); err == nil || !strings.Contains(err.Error(), action) {
				t.Errorf("%s answered with %q: %v", action, body, err)
			}
		}
	}
}

// A client of the SDK that reflection can reach makes the linker keep every operation of
// EC2, and the program twice as large.
func TestAccount_hidesTheSDK(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, at string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(typ.Elem(), at)
		case reflect.Struct:
			if typ == reflect.TypeFor[ec2.Client]() || typ == reflect.TypeFor[elb.Client]() {
				t.Errorf("%s holds the client of the SDK: keep method values instead", at)
				return
			}
			for field := range typ.Fields() {
				walk(field.Type, at+"."+field.Name)
			}
		}
	}
	walk(reflect.TypeFor[account.Regions](), "Regions")
	if !seen[reflect.TypeFor[account.Account]()] {
		t.Error("Regions does not lead to the accounts")
	}
}
