package provider_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// A handClock stops until the test lets time pass.
type handClock struct {
	mu    sync.Mutex
	now   time.Duration
	later map[*func()]time.Duration
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Unix(0, 0).Add(c.now)
}

func (c *handClock) AfterFunc(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.later == nil {
		c.later = map[*func()]time.Duration{}
	}
	c.later[&f] = c.now + d
}

// pass lets time pass, and carries out what is due.
func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	c.now += d
	var due []func()
	for f, at := range c.later {
		if at <= c.now {
			due = append(due, *f)
			delete(c.later, f)
		}
	}
	c.mu.Unlock()
	for _, f := range due {
		f()
	}
}

// A silentEndpoint takes requests and answers none.
type silentEndpoint struct {
	url   string
	taken chan string // the actions
}

func newSilentEndpoint(t *testing.T) silentEndpoint {
	t.Helper()
	e := silentEndpoint{taken: make(chan string, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		action, _, _ := strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
		e.taken <- action
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// silentProvider is a provider of which a test sets the clock, with the block that has it
// ask endpoints.
type silentProvider struct {
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	clock   *handClock
}

func newSilentProvider(t *testing.T) silentProvider {
	t.Helper()
	p := silentProvider{clock: &handClock{}}
	p.ProviderServer = provider.NewServer(provider.NewWithTiming("test", provider.Timing{Clock: p.clock}))()
	var err error
	if p.schemas, err = p.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	return p
}

// configure configures the provider in another goroutine, which returns the diagnostics.
func (p silentProvider) configure(ctx context.Context, t *testing.T, changes map[string]any) <-chan string {
	t.Helper()
	block := map[string]any{"region": "us-east-1", "access_key": "test", "secret_key": "test", "skip_metadata_api_check": "true"}
	for _, list := range []string{"assume_role", "assume_role_with_web_identity", "default_tags", "ignore_tags"} {
		block[list] = []any{}
	}
	maps.Copy(block, changes)
	config := dynamicValue(t, p.schemas.Provider.ValueType(), block)
	configured := make(chan string, 1)
	go func() {
		resp, err := p.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config})
		if err != nil {
			t.Error(err)
			configured <- ""
			return
		}
		configured <- worded(resp.Diagnostics)
	}()
	return configured
}

// A provider does not wait without end for STS, and ends when it is stopped.
func TestConfigure_silentSTS(t *testing.T) {
	t.Parallel()
	sts, roles := newSilentEndpoint(t), newSilentEndpoint(t)
	endpoint := func(e silentEndpoint) map[string]any {
		return map[string]any{"endpoints": []any{map[string]any{"sts": e.url}}}
	}
	withRole := endpoint(roles)
	withRole["assume_role"] = []any{map[string]any{"role_arn": "arn:aws:iam::123456789012:role/x"}}
	for name, c := range map[string]struct {
		endpoint  silentEndpoint
		block     map[string]any
		wait      time.Duration
		want      string
		whenEnded string
	}{
		"who is it": {sts, endpoint(sts), 20 * time.Second, "STS did not identify the credentials\n    STS has not answered for 20s. Check endpoints in the provider block", "The run was cancelled. STS had not answered."},
		"a role": {
			roles, withRole, time.Minute, "No AWS credentials\n    The source of the credentials has not answered for 1m0s.", "The run was cancelled. The source of the credentials had not answered.",
		},
	} {
		p := newSilentProvider(t)
		configured := p.configure(t.Context(), t, c.block)
		<-c.endpoint.taken
		p.clock.pass(c.wait)
		if got := <-configured; !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		configured = newSilentProvider(t).configure(ctx, t, c.block)
		<-c.endpoint.taken
		cancel()
		if got := <-configured; !strings.Contains(got, c.whenEnded) {
			t.Errorf("%s, stopped: got\n%s", name, got)
		}
	}
}

// A plan waits ten seconds in all for an EC2 that does not answer, then says once that its
// checks were not made. The preflight says that it has asked nothing.
func TestPlan_silentEC2(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"off":   "  warning at the resource: EC2 could not be asked\n    EC2 has not answered for 10s.",
		"error": "  error at the resource: EC2 could not be asked for permissions\n",
	} {
		ec2, p := newSilentEndpoint(t), newSilentProvider(t)
		if got := <-p.configure(t.Context(), t, map[string]any{
			"endpoints": []any{map[string]any{"ec2": ec2.url}}, "preflight": mode, "skip_credentials_validation": true, "skip_requesting_account_id": true,
		}); got != "" {
			t.Fatal(got)
		}
		planned := make(chan string)
		for i := range 3 {
			request := p.newObject(t, "trafficmirror_session", map[string]any{"session_number": i + 1})
			go func() {
				resp, err := p.PlanResourceChange(t.Context(), request)
				if err != nil {
					t.Error(err)
				}
				planned <- worded(resp.Diagnostics)
			}()
		}
		<-ec2.taken
		p.clock.pass(10 * time.Second)
		all := fmt.Sprint(<-planned, <-planned, <-planned)
		if !strings.Contains(all, want) || strings.Count(all, "EC2 could not be asked\n") != 1 {
			t.Errorf("preflight %s: got\n%s", mode, all)
		}
	}
}

// newObject is the request to plan an object that is new.
func (p silentProvider) newObject(t *testing.T, kind string, changes map[string]any) *tfprotov6.PlanResourceChangeRequest {
	t.Helper()
	schema := p.schemas.ResourceSchemas[kind].ValueType()
	config := maps.Clone(valid[kind])
	maps.Copy(config, changes)
	nothing, err := tfprotov6.NewDynamicValue(schema, tftypes.NewValue(schema, nil))
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: &nothing, ProposedNewState: dynamicValue(t, schema, config), Config: dynamicValue(t, schema, config),
	}
}
