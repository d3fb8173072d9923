package topology

import "cmp"

// validateBalancing checks the load balancers in full, the target groups and the endpoint
// services.
func (f *File) validateBalancing() error {
	return cmp.Or(checkFullBalancers(f), checkTargetGroups(f), checkEndpointServices(f))
}
