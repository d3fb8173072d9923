package topology

// validateMirror checks the targets, filters and sessions of this account.
func (f *File) validateMirror() error { return nil }
