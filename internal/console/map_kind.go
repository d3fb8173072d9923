package console

const (
	kindInterface = "interface"
	kindSession   = "session"
	kindFilter    = "filter"
	kindTarget    = "target"
)
