package review

// Patterns are the patterns of all routes.
func (c *Console) Patterns() (list []string) {
	for _, r := range c.allRoutes() {
		list = append(list, r.pattern)
	}
	return list
}

// VerbWord is verbWord, for tests.
func VerbWord(verb string) string { return verbWord(verb) }

// Remembered is how many octets are kept in memory about who tried to sign in.
func (c *Console) Remembered() int {
	c.throttle.mu.Lock()
	defer c.throttle.mu.Unlock()
	return c.throttle.tries.octets
}
