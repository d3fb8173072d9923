package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"

// loadBalancing loads the load balancers, target groups and endpoint services of a topology.
func loadBalancing(*tx, *topology.File) {}
