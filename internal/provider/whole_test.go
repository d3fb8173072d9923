package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// clientOf returns a client of an endpoint.
func clientOf(url string) *Client {
	return newClient(aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}, url, "aws", "123456789012")
}

// An answer without its object is an error that names the action.
func TestWhole(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<%[1]s/>", "<%[1]s><requestId>1</requestId></%[1]s>"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := body
			if body != "" {
				text = fmt.Sprintf(body, r.FormValue("Action")+"Response")
			}
			_, _ = fmt.Fprint(w, text)
		}))
		t.Cleanup(server.Close)
		c := clientOf(server.URL)
		ctx, text := t.Context(), aws.String("x-1")
		rule := numbered(1)[0]
		for action, call := range map[string]func() error{
			"CreateTrafficMirrorTarget": func() error {
				_, err := c.createTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{})
				return err
			},
			"CreateTrafficMirrorFilter": func() error {
				_, err := c.createFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{})
				return err
			},
			"CreateTrafficMirrorFilterRule": func() error {
				_, err := c.takeStep(ctx, ruleStep{createCall, rule})
				return err
			},
			"ModifyTrafficMirrorFilterRule": func() error {
				_, err := c.takeStep(ctx, ruleStep{modifyCall, rule})
				return err
			},
			"CreateTrafficMirrorSession": func() error {
				_, err := c.createSession(ctx, createSessionInput(mirror.Session{Number: 1}))
				return err
			},
			"ModifyTrafficMirrorSession": func() error {
				_, err := c.modifySession(ctx, &ec2.ModifyTrafficMirrorSessionInput{TrafficMirrorSessionId: text})
				return err
			},
		} {
			if err := call(); err == nil || !strings.Contains(err.Error(), action) {
				t.Errorf("%s answered with %q: %v", action, body, err)
			}
		}
	}
}
