package review

// Patterns are those of every route.
func (c *Console) Patterns() (list []string) {
	for _, r := range c.allRoutes() {
		list = append(list, r.pattern)
	}
	return list
}

// VerbWord says what happened, for tests.
func VerbWord(verb string) string { return verbWord(verb) }
