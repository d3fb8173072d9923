package console

// saved has the changes that the console has made, by the token of their form.
type saved struct{}
