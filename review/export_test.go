package review

// Patterns are those of every route.
func (c *Console) Patterns() (list []string) {
	for _, r := range c.routes() {
		list = append(list, r.pattern)
	}
	return list
}
