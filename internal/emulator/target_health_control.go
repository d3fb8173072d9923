package emulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// targetHealthPath sets the health of registered targets. DescribeTargetHealth shows it. Nothing checks it here
// (A0207).
const targetHealthPath = "target-health"

// HealthSetting says what the health check of a registered target finds.
type HealthSetting struct {
	TargetGroupARN string `json:"target_group_arn"`
	ID             string `json:"id"`
	Port           int    `json:"port,omitempty"`        // 0: on each port
	Health         string `json:"health"`                // a value of mirror.Healths; "": what is computed
	Reason         string `json:"reason,omitempty"`      // such as Target.FailedHealthChecks
	Description    string `json:"description,omitempty"` // of the reason
}

// checkedReasons are the reasons that a health check can have, by the state
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html).
var checkedReasons = map[string][]string{
	"":                             {""},
	mirror.TargetHealthy:           {""},
	mirror.TargetInitial:           {"Elb.InitialHealthChecking", "Elb.RegistrationInProgress"},
	mirror.TargetUnhealthy:         {"Target.FailedHealthChecks", "Target.Timeout", "Target.ResponseCodeMismatch", "Elb.InternalError"},
	mirror.TargetUnhealthyDraining: {"Target.FailedHealthChecks", "Target.Timeout", "Target.ResponseCodeMismatch"},
	mirror.TargetUnavailable:       {"Target.HealthCheckDisabled", "Elb.InternalError"},
}

// SetTargetHealth sets the health of a registered target. A state that follows from the other
// objects, such as that of a target whose instance is stopped, stays.
func SetTargetHealth(ctx context.Context, e *Emulator, s HealthSetting) error {
	reasons, known := checkedReasons[s.Health]
	if !known {
		return fmt.Errorf("health is %q: write one of healthy, initial, unhealthy, unhealthy.draining, unavailable, or \"\" for what is computed", s.Health)
	}
	s.Reason = cmp.Or(s.Reason, reasons[0])
	if !slices.Contains(reasons, s.Reason) {
		return fmt.Errorf("reason is %q: for the health %q write one of %q", s.Reason, s.Health, reasons)
	}
	if !isBalancingARN(s.TargetGroupARN, groupResource) {
		return fmt.Errorf("target_group_arn is %q: write the ARN of a target group", s.TargetGroupARN)
	}
	return e.transact(ctx, strings.Split(s.TargetGroupARN, ":")[3], true, s.apply)
}

func (s HealthSetting) apply(t *tx) error {
	v, err := needGroup(t, s.TargetGroupARN)
	if err != nil {
		return errors.New("target_group_arn is " + s.TargetGroupARN + ": this target group does not exist")
	}
	found := false
	v.Targets = slices.Clone(v.Targets)
	for i, r := range v.Targets {
		if r.ID == s.ID && (s.Port == 0 || s.Port == r.Port) {
			v.Targets[i].Health, v.Targets[i].Reason, v.Targets[i].Description = s.Health, s.Reason, s.Description
			found = true
		}
	}
	if !found {
		return fmt.Errorf("id is %q with the port %d: this target is not registered with %s", s.ID, s.Port, s.TargetGroupARN)
	}
	targetGroups.put(t, v.ARN, v)
	return nil
}

func (e control) putTargetHealth(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFaults))
	var s HealthSetting
	if err == nil {
		s, err = unmarshal[HealthSetting](text)
	}
	if err == nil {
		err = SetTargetHealth(r.Context(), e.Emulator, s)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}
