package topology

import "cmp"

// validateBalancing checks the load balancers in full, the target groups and the endpoint
// services.
func (f *File) validateBalancing() error {
	return cmp.Or(validateFullBalancers(f), checkTargetGroups(f), checkEndpointServices(f))
}
