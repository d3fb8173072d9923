// Package inventory answers questions about an account as a whole: which network interfaces a
// selection has, which of them can be mirrored, what mirrors them, to where, and at what cost.
// It changes nothing. It knows nothing of Terraform.
package inventory
