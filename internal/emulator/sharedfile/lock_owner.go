package sharedfile

import "fmt"

// unknownOwner is the text for a lock whose owner the system does not show.
func unknownOwner(path string) string {
	return fmt.Sprintf("another process (\"lsof %s\" names it)", path)
}
