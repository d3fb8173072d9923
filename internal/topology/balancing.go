package topology

import "cmp"

// validateBalancing checks the load balancers in full, the target groups and the endpoint
// services.
func (f *File) validateBalancing() error {
	return cmp.Or(f.validateFullBalancers(), checkTargetGroups(f), checkEndpointServices(f))
}
