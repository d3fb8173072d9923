package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

func balancerOf(t *tx, arn string) (mirror.LoadBalancer, bool) {
	v, ok := loadBalancers.get(t, arn)
	return mirror.LoadBalancer{ARN: v.ARN, Type: mirror.NetworkBalancer}, ok
}
